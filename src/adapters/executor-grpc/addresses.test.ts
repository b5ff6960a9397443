import assert from "node:assert/strict";
import dns from "node:dns";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import { createSecrets } from "../../kernel/secrets.ts";
import { startGrpcPeer } from "../../testing/peers/grpc.ts";
import { attemptAt, serviceAt } from "../../testing/peers/service.ts";
import { createSystemClock } from "../system/clock.ts";
import { createGrpcExecutor } from "./executor.ts";

const NEVER = new AbortController().signal;

async function call(address: string): Promise<string> {
  const executor = createGrpcExecutor({ secrets: createSecrets(() => undefined), clock: createSystemClock() });
  const outcome = await executor.execute(attemptAt(serviceAt(address)), NEVER);
  await executor.close?.();
  return outcome.outcome === "succeeded" ? "succeeded" : `${outcome.error.status}: ${outcome.error.message}`;
}

describe("executor-grpc calls services at", () => {
  it("host:port, dns:///host:port and ipv4:ADDRESS:port, of which there may be several", async () => {
    const peer = await startGrpcPeer();
    for (const address of [
      `127.0.0.1:${peer.port}`,
      `localhost:${peer.port}`,
      `dns:///localhost:${peer.port}`,
      `dns:localhost:${peer.port}`,
      `ipv4:127.0.0.1:${peer.port}`,
      `ipv4:///127.0.0.1:${peer.port}`,
      `ipv4:127.0.0.1:${peer.port},127.0.0.1:${peer.port}`,
    ]) {
      assert.equal(await call(address), "succeeded", address);
    }
    await peer.close();
  });

  it("[ipv6]:port", async (t) => {
    const peer = await startGrpcPeer({ host: "::1" }).catch(() => undefined);
    if (peer === undefined) return t.skip("this machine has no IPv6 loopback");
    assert.equal(await call(`[::1]:${peer.port}`), "succeeded");
    assert.equal(await call(`dns:///[::1]:${peer.port}`), "succeeded");
    assert.equal(await call(`ipv6:[::1]:${peer.port}`), "succeeded");
    await peer.close();
  });

  it("a name, and says that it is still being looked up where the time is over before", async (t) => {
    t.mock.method(dns, "lookup", () => undefined);
    const executor = createGrpcExecutor({ secrets: createSecrets(() => undefined), clock: createSystemClock() });
    for (const address of ["slow.test:50051", "dns:///slow.test:50051"]) {
      const service = serviceAt(address);
      const outcome = await executor.execute(attemptAt(service, { timeoutMs: 50 }), NEVER);
      assert.ok(outcome.outcome === "timed_out");
      assert.match(
        outcome.error.message,
        /slow\.test:50051 was not called in time: its host name was still being looked up/,
      );
      for (const health of ["optional", "off"] as const) {
        const needs = { services: [{ ...service, health }], nodes: [] };
        const findings = await executor.preflight?.(needs, { timeoutMs: 50, waitMs: 0 }, NEVER);
        assert.deepEqual(
          findings?.map(({ code }) => code),
          ["SERVICE_UNKNOWN_NAME"],
        );
        assert.match(
          findings?.[0]?.message ?? "",
          /was not asked within 50 ms: its host name was still being looked up/,
        );
      }
    }
    await executor.close?.();
  });

  it("unix:path", async (t) => {
    if (process.platform === "win32") return t.skip("Windows has no such sockets in gRPC");
    const folder = mkdtempSync(join(tmpdir(), "busbar-unix-"));
    const path = join(folder, "s.sock");
    const server = new Server();
    await new Promise<void>((resolve, reject) => {
      server.bindAsync(`unix:${path}`, ServerCredentials.createInsecure(), (error) =>
        error ? reject(error) : resolve(),
      );
    });
    // Nothing is served there, so the answer shows that the socket was reached.
    assert.match(await call(`unix:${path}`), /^UNIMPLEMENTED/);
    assert.match(await call(`unix://${path}`), /^UNIMPLEMENTED/);
    server.forceShutdown();
    rmSync(folder, { recursive: true });
  });

  it("loopback without a proxy, whatever the environment says", { timeout: 10_000 }, async () => {
    const peer = await startGrpcPeer();
    const before = process.env.http_proxy;
    process.env.http_proxy = "http://127.0.0.1:1";
    try {
      assert.equal(await call(peer.address), "succeeded");
    } finally {
      if (before === undefined) delete process.env.http_proxy;
      else process.env.http_proxy = before;
    }
    await peer.close();
  });
});
