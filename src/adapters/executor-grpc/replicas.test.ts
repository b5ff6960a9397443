// Two containers behind one name: the name resolves to two loopback addresses, a server on each.
import assert from "node:assert/strict";
import dns from "node:dns";
import { afterEach, beforeEach, describe, it, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { createSecrets } from "../../kernel/secrets.ts";
import type { Executor } from "../../ports/executor.ts";
import { type GrpcPeer, startGrpcPeer } from "../../testing/peers/grpc.ts";
import { attemptAt, serviceAt } from "../../testing/peers/service.ts";
import { createSystemClock } from "../system/clock.ts";
import { createGrpcExecutor } from "./executor.ts";

const NEVER = new AbortController().signal;
/** Only Linux answers on all of 127.0.0.0/8. */
const HOSTS = process.platform === "linux" ? ["127.0.0.1", "127.0.0.2"] : ["127.0.0.1", "::1"];

describe("executor-grpc and two containers behind one name", () => {
  let executor: Executor;
  const peers: GrpcPeer[] = [];
  beforeEach(() => {
    executor = createGrpcExecutor({ secrets: createSecrets(() => undefined), clock: createSystemClock() });
  });
  afterEach(async () => {
    await executor.close?.();
    for (const peer of peers.splice(0)) await peer.close();
  });
  const start = async (host: string | undefined, port = 0): Promise<GrpcPeer> => {
    const peer = await startGrpcPeer({ host: host ?? "", port });
    peers.push(peer);
    return peer;
  };
  /** @param current what the name stands for now */
  const resolveName = (t: TestContext, current: () => readonly string[]): void => {
    const { lookup } = dns;
    type Answer = (error: NodeJS.ErrnoException | null, addresses: dns.LookupAddress[]) => void;
    t.mock.method(dns, "lookup", (host: string, options: dns.LookupAllOptions, answer: Answer) => {
      // Servers look up what they listen on.
      if (host !== "analyzer.test") return lookup(host, options, answer);
      const addresses = current().map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
      setImmediate(() => answer(null, addresses));
    });
  };
  const call = async (port: number): Promise<string> => {
    const outcome = await executor.execute(attemptAt(serviceAt(`analyzer.test:${port}`)), NEVER);
    return outcome.outcome === "succeeded" ? "succeeded" : (outcome.error.status ?? outcome.error.code);
  };
  /** Calls until the connections are settled: a call that was lost with its container is one that may be retried. */
  const callUntilSteady = async (port: number, times: number): Promise<void> => {
    for (let steady = 0, made = 0; steady < times; made += 1) {
      assert.ok(made < 50, "the calls did not become steady");
      const said = await call(port);
      assert.ok(said === "succeeded" || said === "UNAVAILABLE", said);
      steady = said === "succeeded" ? steady + 1 : 0;
      // As the engine does; a name is not looked up more than once a second.
      if (steady === 0) await sleep(50);
    }
  };

  it("shares the calls between them, and goes on with one when the other dies", async (t) => {
    resolveName(t, () => HOSTS);
    const first = await start(HOSTS[0]);
    const second = await start(HOSTS[1], first.port);
    for (let made = 0; first.calls.length === 0 || second.calls.length === 0; made += 1) {
      assert.ok(made < 50, "one of them was never called");
      assert.equal(await call(first.port), "succeeded");
    }
    await first.close();
    const before = second.calls.length;
    await callUntilSteady(first.port, 10);
    assert.ok(second.calls.length - before >= 10);
  });

  it("starts with one where the other is dead from the beginning", async (t) => {
    resolveName(t, () => HOSTS);
    const only = await start(HOSTS[1]);
    for (let n = 0; n < 5; n += 1) assert.equal(await call(only.port), "succeeded");
    assert.equal(only.calls.length, 5);
    const service = serviceAt(`analyzer.test:${only.port}`);
    assert.deepEqual(
      await executor.preflight?.({ services: [service], nodes: [] }, { timeoutMs: 10_000, waitMs: 0 }, NEVER),
      [],
    );
  });

  it("asks for the name again when the container behind it has moved", async (t) => {
    let current = [HOSTS[0] ?? ""];
    resolveName(t, () => current);
    const first = await start(HOSTS[0]);
    await callUntilSteady(first.port, 2);
    await first.close();
    const second = await start(HOSTS[1], first.port);
    current = [HOSTS[1] ?? ""];
    await callUntilSteady(first.port, 2);
    assert.ok(second.calls.length >= 2);
  });
});
