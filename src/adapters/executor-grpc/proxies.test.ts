// Services behind an HTTP proxy, chosen by the environment, or not.
import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import { connect } from "node:net";
import { afterEach, beforeEach, describe, it } from "node:test";
import { createSecrets } from "../../kernel/secrets.ts";
import type { Executor } from "../../ports/executor.ts";
import { startGrpcPeer } from "../../testing/peers/grpc.ts";
import { findRefusedAddress, listenAsPeer, type RunningPeer } from "../../testing/peers/peer.ts";
import { attemptAt, serviceAt } from "../../testing/peers/service.ts";
import { startBannerPeer, startSilentPeer } from "../../testing/peers/tcp.ts";
import type { Service } from "../../workflow/model/service.ts";
import { createSystemClock } from "../system/clock.ts";
import { createGrpcExecutor } from "./executor.ts";

const NEVER = new AbortController().signal;
const VARIABLES = ["grpc_proxy", "https_proxy", "http_proxy", "no_grpc_proxy", "no_proxy"].flatMap((name) => [
  name,
  name.toUpperCase(),
]);
const FAR = "far.test:50051";

/** @param answer a status, or the port on this machine that it leads everybody to */
async function startProxy(
  answer: { readonly status: number } | { readonly port: number },
): Promise<RunningPeer & { readonly asked: string[] }> {
  const asked: string[] = [];
  const server: Server = createServer();
  server.on("connect", (request, socket) => {
    socket.on("error", () => undefined);
    asked.push(request.url ?? "");
    if ("status" in answer) {
      socket.end(`HTTP/1.1 ${answer.status} No\r\n\r\n`);
      return;
    }
    const through = connect(answer.port, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      through.pipe(socket).pipe(through);
    });
    through.on("error", () => socket.destroy());
    socket.on("close", () => through.destroy());
  });
  return { ...(await listenAsPeer(server)), asked };
}

describe("executor-grpc and proxies", () => {
  let executor: Executor;
  const before = VARIABLES.map((name) => [name, process.env[name]] as const);
  beforeEach(() => {
    for (const name of VARIABLES) delete process.env[name];
    executor = createGrpcExecutor({ secrets: createSecrets(() => undefined), clock: createSystemClock() });
  });
  afterEach(async () => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    await executor.close?.();
  });
  const call = async (changes: Partial<Service> = {}, timeoutMs = 10_000) => {
    const outcome = await executor.execute(attemptAt(serviceAt(FAR, changes), { timeoutMs }), NEVER);
    return outcome.outcome === "succeeded" ? undefined : outcome.error;
  };
  const check = async (timeoutMs = 10_000) => {
    const needs = { services: [serviceAt(FAR)], nodes: [] };
    return (await executor.preflight?.(needs, { timeoutMs, waitMs: 0 }, NEVER)) ?? [];
  };

  it("calls and checks through the one that the environment names, on one connection", async () => {
    const peer = await startGrpcPeer({ health: () => 1 });
    await using proxy = await startProxy({ port: peer.port });
    process.env.https_proxy = `http://${proxy.address}`;
    assert.deepEqual(await check(), []);
    assert.equal(await call(), undefined);
    assert.deepEqual(proxy.asked, [FAR]);
    await peer.close();
  });

  it("calls past it where the file or no_proxy says so", async () => {
    await using proxy = await startProxy({ status: 403 });
    process.env.http_proxy = `http://${proxy.address}`;
    assert.match((await call({ proxy: "off" }))?.message ?? "", /the host name far\.test does not resolve/);
    process.env.no_proxy = "other, .test";
    // The choice is made when a service is first reached.
    await executor.close?.();
    executor = createGrpcExecutor({ secrets: createSecrets(() => undefined), clock: createSystemClock() });
    assert.match((await call())?.message ?? "", /the host name far\.test does not resolve/);
    assert.deepEqual(proxy.asked, []);
  });

  it("says which proxy it was and what it answered, in a call and in a check", async () => {
    await using forbids = await startProxy({ status: 403 });
    await using wantsUser = await startProxy({ status: 407 });
    await using cannot = await startProxy({ status: 503 });
    await using silent = await startSilentPeer();
    await using banner = await startBannerPeer();
    const refused = await findRefusedAddress();
    const cases = [
      [forbids.address, "SERVICE_PROXY", undefined, /answered 403/, "SERVICE_PROXY"],
      [wantsUser.address, "SERVICE_PROXY", undefined, /answered 407/, "SERVICE_PROXY"],
      [cannot.address, "CALL_UNAVAILABLE", "UNAVAILABLE", /answered 503/, "SERVICE_UNREACHABLE"],
      [refused, "SERVICE_PROXY", "UNAVAILABLE", /is not there \(ECONNREFUSED\)/, "SERVICE_PROXY"],
      [banner.address, "SERVICE_PROXY", undefined, /does not speak HTTP/, "SERVICE_PROXY"],
      [silent.address, "NODE_TIMED_OUT", "DEADLINE_EXCEEDED", /did not answer in time/, "SERVICE_PROXY"],
    ] as const;
    for (const [address, code, status, words, finding] of cases) {
      process.env.grpc_proxy = `http://me:geheim@${address}`;
      const other = createGrpcExecutor({ secrets: createSecrets(() => undefined), clock: createSystemClock() });
      await executor.close?.();
      executor = other;
      const limitMs = address === silent.address ? 150 : 10_000;
      const error = await call({}, limitMs);
      assert.deepEqual([error?.code, error?.status], [code, status]);
      const [found] = await check(limitMs);
      assert.equal(found?.code, finding);
      for (const message of [error?.message, found?.message]) {
        assert.match(message ?? "", words);
        assert.ok(message?.includes(`the proxy http://${address} `), message);
        assert.doesNotMatch(message ?? "", /geheim/);
      }
    }
  });
});
