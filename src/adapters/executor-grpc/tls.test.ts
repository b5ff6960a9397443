import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { ServerCredentials } from "@grpc/grpc-js";
import { createSecrets } from "../../kernel/secrets.ts";
import type { Executor } from "../../ports/executor.ts";
import { CERT_FILES, readCerts } from "../../testing/peers/certs.ts";
import { type GrpcPeer, startGrpcPeer } from "../../testing/peers/grpc.ts";
import { attemptAt, serviceAt } from "../../testing/peers/service.ts";
import type { Tls } from "../../workflow/model/service.ts";
import { createSystemClock } from "../system/clock.ts";
import { createGrpcExecutor } from "./executor.ts";

const NEVER = new AbortController().signal;
const { ca, serverCert, serverKey } = readCerts();
const KEYS = [{ cert_chain: serverCert, private_key: serverKey }];
const OWN_CERT: Tls = { caFile: CERT_FILES.ca, certFile: CERT_FILES.clientCert, keyFile: CERT_FILES.clientKey };

describe("executor-grpc over TLS", () => {
  let executor: Executor;
  let peer: GrpcPeer;
  beforeEach(() => {
    executor = createGrpcExecutor({ secrets: createSecrets(() => undefined), clock: createSystemClock() });
  });
  afterEach(async () => {
    await executor.close?.();
    await peer.close();
  });
  /** What a call and preflight say, one after the other. */
  const ask = async (tls: Tls): Promise<readonly [string, string | undefined]> => {
    const service = serviceAt(`localhost:${peer.port}`, { tls });
    const outcome = await executor.execute(attemptAt(service), NEVER);
    const findings = await executor.preflight?.(
      { services: [service], nodes: [] },
      { timeoutMs: 10_000, waitMs: 0 },
      NEVER,
    );
    const said = outcome.outcome === "succeeded" ? "succeeded" : outcome.error.message;
    const [finding] = findings ?? [];
    assert.equal(finding?.code, said === "succeeded" ? undefined : "SERVICE_TLS", JSON.stringify(findings));
    return [said, finding?.message];
  };
  const askInVain = async (tls: Tls, words: RegExp): Promise<void> => {
    for (const said of await ask(tls)) assert.match(said ?? "", words);
  };

  it("calls a service whose certificate the ca_file signed", async () => {
    peer = await startGrpcPeer({ credentials: ServerCredentials.createSsl(null, KEYS) });
    assert.deepEqual(await ask({ caFile: CERT_FILES.ca }), ["succeeded", undefined]);
    assert.deepEqual(await ask({ caFile: CERT_FILES.ca, serverName: "analyzer.test" }), ["succeeded", undefined]);
  });

  it("refuses a certificate of another authority or name, and says so", async () => {
    peer = await startGrpcPeer({ credentials: ServerCredentials.createSsl(null, KEYS) });
    await askInVain({ caFile: CERT_FILES.otherCa }, /its certificate is not trusted .*check tls\.ca_file/);
    await askInVain({}, /its certificate is not trusted/);
    await askInVain({ caFile: CERT_FILES.ca, serverName: "other.test" }, /for another name .*set tls\.server_name/);
  });

  it("shows a certificate of its own where the service asks for one", async () => {
    peer = await startGrpcPeer({ credentials: ServerCredentials.createSsl(ca, KEYS, true) });
    assert.deepEqual(await ask(OWN_CERT), ["succeeded", undefined]);
    await askInVain({ caFile: CERT_FILES.ca }, /asks for a client certificate: set tls\.cert_file/);
  });

  it("tells a certificate that is over, or that begins later, and never tries again (status)", async () => {
    const { datedKey, expiredCert, notYetValidCert } = readCerts();
    for (const [cert, words] of [
      [expiredCert, /its certificate has expired; the service must renew it$/],
      [notYetValidCert, /its certificate is not valid yet;/],
    ] as const) {
      const keys = [{ cert_chain: cert, private_key: datedKey }];
      peer = await startGrpcPeer({ credentials: ServerCredentials.createSsl(null, keys) });
      const tls = { caFile: CERT_FILES.datedCa };
      await askInVain(tls, words);
      const outcome = await executor.execute(attemptAt(serviceAt(`localhost:${peer.port}`, { tls })), NEVER);
      assert.ok(outcome.outcome === "failed");
      assert.deepEqual([outcome.error.code, outcome.error.status], ["SERVICE_TLS", undefined]);
      await peer.close();
    }
  });

  it("says what a service may mean that hangs up after the handshake, as Node's own does over a certificate", async () => {
    const other = readCerts().otherCa;
    peer = await startGrpcPeer({ credentials: ServerCredentials.createSsl(other, KEYS, true) });
    await askInVain(OWN_CERT, /hung up right after the TLS handshake; it may not accept the client certificate/);
  });

  it("says which file cannot be read or used", async () => {
    peer = await startGrpcPeer({ credentials: ServerCredentials.createSsl(null, KEYS) });
    await askInVain(
      { caFile: "/no/such/ca.pem" },
      /its ca_file \/no\/such\/ca\.pem cannot be read: there is no such file/,
    );
    await askInVain({ caFile: CERT_FILES.clientKey }, /its ca_file \S+client\.key has no certificate in it/);
    await askInVain({ ...OWN_CERT, keyFile: CERT_FILES.clientCert }, /its tls files cannot be used: its key_file/);
    await askInVain(
      { ...OWN_CERT, keyFile: CERT_FILES.serverKey },
      /its key_file \S+ is the key of another certificate/,
    );
    assert.equal(peer.calls.length, 0);
  });

  it("reads the files when it connects, so that renewed ones count after a failure", async () => {
    peer = await startGrpcPeer({ credentials: ServerCredentials.createSsl(null, KEYS) });
    const folder = mkdtempSync(join(tmpdir(), "busbar-tls-"));
    const caFile = join(folder, "ca.pem");
    try {
      writeFileSync(caFile, readCerts().otherCa);
      await askInVain({ caFile }, /not trusted/);
      writeFileSync(caFile, ca);
      assert.deepEqual(await ask({ caFile }), ["succeeded", undefined]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
