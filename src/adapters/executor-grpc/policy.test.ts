// Services on a host that has a policy: what a name leads to is asked for before anything is connected to.
import assert from "node:assert/strict";
import dns from "node:dns";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, it, type TestContext } from "node:test";
import { ServerCredentials } from "@grpc/grpc-js";
import { createSecrets } from "../../kernel/secrets.ts";
import { CERT_FILES, readCerts } from "../../testing/peers/certs.ts";
import { type GrpcPeer, type GrpcPeerOptions, startGrpcPeer } from "../../testing/peers/grpc.ts";
import { listenAsPeer } from "../../testing/peers/peer.ts";
import { attemptAt, serviceAt } from "../../testing/peers/service.ts";
import type { Service } from "../../workflow/model/service.ts";
import { type PolicyInput, readPolicy } from "../../workflow/policy/read-policy.ts";
import { createSystemClock } from "../system/clock.ts";
import { createGrpcExecutor } from "./executor.ts";

const NEVER = new AbortController().signal;

describe("executor-grpc on a host with a policy", () => {
  const ends: (() => Promise<void> | void)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  const start = async (options: GrpcPeerOptions): Promise<GrpcPeer> => {
    const peer = await startGrpcPeer(options);
    ends.push(() => peer.close());
    return peer;
  };

  function executorOf(policy: PolicyInput, env: Readonly<Record<string, string>> = {}) {
    const executor = createGrpcExecutor({
      ...{ secrets: createSecrets((name) => env[name]), clock: createSystemClock() },
      policy: readPolicy(policy),
    });
    ends.push(() => executor.close?.());
    return {
      async call(service: Service): Promise<string> {
        const outcome = await executor.execute(attemptAt(service, { timeoutMs: 5000 }), NEVER);
        if (outcome.outcome === "succeeded") return "succeeded";
        // What only a person can mend has no status, and is not made again.
        return `${outcome.error.code} ${outcome.error.status ?? "final"}`;
      },
      async check(service: Service): Promise<readonly string[]> {
        const needs = { services: [service], nodes: [] };
        const findings = await executor.preflight?.(needs, { timeoutMs: 5000, waitMs: 0 }, NEVER);
        return (findings ?? []).map(({ code }) => code);
      },
    };
  }

  /** Names of .test lead where the test says; all others where they do. */
  function lead(t: TestContext, addressesOf: (name: string) => readonly string[]): void {
    const { lookup } = dns;
    type Answer = (error: NodeJS.ErrnoException | null, addresses: dns.LookupAddress[]) => void;
    t.mock.method(dns, "lookup", (host: string, options: dns.LookupAllOptions, answer: Answer) => {
      if (!host.endsWith(".test")) return lookup(host, options, answer);
      const found = addressesOf(host).map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
      setImmediate(() => answer(null, found));
    });
  }

  it("connects to no address that is not listed, whatever a name led to when it was last looked up", async (t) => {
    if (process.platform !== "linux") return t.skip("only Linux has all of 127.0.0.0/8");
    const good = await start({ host: "127.0.0.2" });
    const evil = await start({ host: "127.0.0.3", port: good.port });
    let now: readonly string[] = ["127.0.0.2"];
    lead(t, () => now);
    const policy = { addresses: ["127.0.0.2"] };
    const service = serviceAt(`rebound.test:${good.port}`);
    assert.equal(await executorOf(policy).call(service), "succeeded");
    now = ["127.0.0.3"];
    const anew = executorOf(policy);
    assert.equal(await anew.call(service), "SERVICE_NOT_ALLOWED final");
    assert.deepEqual(await anew.check(service), ["SERVICE_NOT_ALLOWED"]);
    // Of several the listed ones are called, and no other.
    now = ["127.0.0.3", "127.0.0.2"];
    const both = executorOf(policy);
    for (let calls = 0; calls < 6; calls += 1) assert.equal(await both.call(service), "succeeded");
    // A name that is listed leads where it leads.
    now = ["127.0.0.3"];
    assert.equal(evil.connections(), 0);
    assert.equal(await executorOf({ addresses: ["*.test"] }).call(service), "succeeded");
  });

  it("connects to no link-local address, nor to one that answers for the machine, also where every name is listed", async (t) => {
    const forms = ["169.254.169.254", "::ffff:169.254.169.254", "fe80::1", "fd00:ec2::254", "64:ff9b::a9fe:a9fe"];
    for (const address of forms) {
      lead(t, () => [address]);
      for (const policy of [{}, { addresses: ["*", "0.0.0.0/0", "::/0"] }]) {
        const { call, check } = executorOf(policy);
        assert.equal(await call(serviceAt("metadata.test:80")), "SERVICE_NOT_ALLOWED final", address);
        assert.deepEqual(await check(serviceAt("metadata.test:80")), ["SERVICE_NOT_ALLOWED"]);
      }
      t.mock.restoreAll();
    }
    assert.equal(await executorOf({}).call(serviceAt("169.254.169.254:80")), "SERVICE_NOT_ALLOWED final");
  });

  it("connects to no socket that is not listed", async () => {
    const { call } = executorOf({});
    assert.equal(await call(serviceAt("unix:/run/none.sock")), "SERVICE_NOT_ALLOWED final");
    const listed = executorOf({ addresses: ["unix:/run/none.sock"] });
    assert.equal(await listed.call(serviceAt("unix:/run/none.sock")), "CALL_UNAVAILABLE UNAVAILABLE");
  });

  it("gives a proxy the names that are listed; others it looks up itself, and asks the proxy for what may be reached", async (t) => {
    const asked: string[] = [];
    const server = createServer();
    server.on("connect", (request, socket) => {
      asked.push(request.url ?? "");
      socket.end("HTTP/1.1 502 No\r\n\r\n");
    });
    const proxy = await listenAsPeer(server);
    const before = process.env.grpc_proxy;
    process.env.grpc_proxy = `http://${proxy.address}`;
    ends.push(async () => {
      if (before === undefined) delete process.env.grpc_proxy;
      else process.env.grpc_proxy = before;
      await proxy.close();
    });
    lead(t, (name) => [name === "metadata.test" ? "169.254.169.254" : "10.1.2.3"]);
    for (const [policy, name, result, to] of [
      [{}, "far.test", "CALL_UNAVAILABLE", ["10.1.2.3:80"]],
      [{}, "metadata.test", "SERVICE_NOT_ALLOWED final", []],
      [{ addresses: ["far.test"] }, "far.test", "CALL_UNAVAILABLE", ["far.test:80"]],
      [{ addresses: ["10.0.0.0/8"] }, "far.test", "CALL_UNAVAILABLE", ["10.1.2.3:80"]],
      [{ addresses: ["11.0.0.0/8"] }, "far.test", "SERVICE_NOT_ALLOWED final", []],
    ] as const) {
      asked.length = 0;
      const said = await executorOf(policy).call(serviceAt(`${name}:80`));
      assert.ok(said.startsWith(result), `${name}: ${said}`);
      assert.deepEqual([...new Set(asked)], to);
    }
  });

  it("reads no tls file that lies elsewhere, also through a link", async () => {
    const { serverCert, serverKey } = readCerts();
    const credentials = ServerCredentials.createSsl(null, [{ cert_chain: serverCert, private_key: serverKey }]);
    const peer = await start({ credentials });
    const folder = mkdtempSync(join(tmpdir(), "busbar-policy-"));
    ends.push(() => rmSync(folder, { recursive: true }));
    const [tls, other] = [join(folder, "tls"), join(folder, "other")];
    for (const one of [tls, other]) {
      mkdirSync(one);
      copyFileSync(CERT_FILES.ca, join(one, "ca.pem"));
    }
    symlinkSync(join(other, "ca.pem"), join(tls, "planted.pem"));
    symlinkSync(join(tls, "ca.pem"), join(tls, "inner.pem"));
    symlinkSync(other, join(tls, "folder"));
    const { call, check } = executorOf({ files: [tls] });
    const withCa = (caFile: string): Service => serviceAt(`localhost:${peer.port}`, { tls: { caFile } });
    for (const file of [join(tls, "ca.pem"), join(tls, "inner.pem")]) {
      assert.equal(await call(withCa(file)), "succeeded");
    }
    for (const file of [
      join(other, "ca.pem"),
      join(tls, "planted.pem"),
      join(tls, "folder/ca.pem"),
      `${tls}/../other/ca.pem`,
    ]) {
      assert.equal(await call(withCa(file)), "SERVICE_NOT_ALLOWED final", file);
      assert.deepEqual(await check(withCa(file)), ["SERVICE_NOT_ALLOWED"]);
    }
    assert.equal(await call(withCa(join(tls, "none.pem"))), "SERVICE_TLS final");
  });

  it("reads no variable that is not listed", async () => {
    const peer = await start({});
    const metadata = new Map([["authorization", [{ scope: "env", name: "TOKEN" }] as const]]);
    const service = serviceAt(peer.address, { metadata });
    const env = { TOKEN: "a-secret-value" };
    assert.equal(await executorOf({}, env).call(service), "SERVICE_MISSING_ENV final");
    assert.equal(await executorOf({ env: ["TOKEN"] }, env).call(service), "succeeded");
  });
});
