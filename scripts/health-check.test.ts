import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { createJsonLog, startDummyServer } from "../src/service/index.ts";
import { findHealthAddress } from "./health-address.ts";

const script = fileURLToPath(new URL("health-check.ts", import.meta.url));

describe("findHealthAddress", () => {
  const findWhole = (line: string, env: NodeJS.ProcessEnv = {}) => findHealthAddress(line.split(" "), env);
  const find = (line: string, env: NodeJS.ProcessEnv = {}) => findWhole(line, env)?.url;

  const dummy = "node /app/busbar.mjs dummy-server";
  const service = "node /app/service.cjs serve";

  it("takes the options of dummy-server, which reads no environment", () => {
    assert.equal(find(`${dummy} --port 7 --host=10.0.0.2`), "http://10.0.0.2:7");
    assert.equal(find(`${dummy} --port=7`, { PORT: "8", HOST: "10.0.0.2" }), "http://127.0.0.1:7");
    assert.equal(find(dummy, { PORT: "8", SERVICE: "report-generator" }), "http://127.0.0.1:50051");
  });

  it("takes what the service reads of the environment, set to nothing as not set", () => {
    assert.equal(find(service, { PORT: "50053", HOST: "0.0.0.0" }), "http://127.0.0.1:50053");
    assert.equal(find(service, { PORT: "", HOST: "" }), "http://127.0.0.1:50051");
    assert.equal(find(service, { PORT: "", SERVICE: "report-generator" }), "http://127.0.0.1:50053");
    assert.equal(find(service, { PORT: "0" }), undefined);
    for (const PORT of ["http", "65536", "-1", " 7", "7 ", "1e3", "0x7", "7.0"]) {
      assert.throws(() => find(service, { PORT }), /^Error: PORT is a number from 0 to 65535, not "/, PORT);
    }
  });

  it("asks a wildcard on loopback, and writes IPv6 in brackets", () => {
    assert.equal(find(service, { PORT: "7", HOST: "::" }), "http://[::1]:7");
    assert.equal(find(service, { PORT: "7", HOST: "[::]" }), "http://[::1]:7");
    assert.equal(find(service, { PORT: "7", HOST: "fd00::2" }), "http://[fd00::2]:7");
    assert.equal(find(service, { PORT: "7", HOST: "[fd00::2]" }), "http://[fd00::2]:7");
  });

  it("finds the command behind an init of the engine", () => {
    assert.equal(
      find("/sbin/docker-init -- /usr/local/bin/node /app/busbar.mjs dummy-server"),
      "http://127.0.0.1:50051",
    );
  });

  it("asks the server of the API over HTTP, or over TLS where it has a certificate", () => {
    const server = "node /app/busbar.mjs serve";
    assert.deepEqual(findWhole(server), { speaks: "http", url: "http://127.0.0.1:8080" });
    assert.deepEqual(findWhole(`${server} --host 0.0.0.0 --port 7 --tls-cert c --tls-key k`), {
      speaks: "http",
      url: "https://127.0.0.1:7",
    });
    assert.equal(findWhole(service)?.speaks, "grpc");
  });

  it("has nothing to ask of what serves nothing", () => {
    assert.equal(find("node /app/busbar.mjs run /config/serve.json --port 7"), undefined);
    assert.equal(find("node /app/service.cjs once", { PORT: "50051" }), undefined);
    assert.equal(find("node /app/busbar.mjs"), undefined);
  });
});

describe("the health check of the images", () => {
  let folder = "";
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "busbar-health-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** Runs it as in a container whose process 1 has this command line. */
  async function check(words: readonly string[], env: NodeJS.ProcessEnv = {}) {
    const file = join(folder, "cmdline");
    writeFileSync(file, `${words.join("\0")}\0`);
    const child = spawn(process.execPath, [script, file], {
      env: { ...process.env, ...env },
      stdio: ["ignore", "ignore", "pipe"],
    });
    const [err, [code]] = await Promise.all([text(child.stderr), once(child, "exit")]);
    return { code, err };
  }
  const serve = (port: number) => check(["node", "/app/service.cjs", "serve"], { PORT: String(port), HOST: "" });

  it("tells a service that serves from one that does not", async () => {
    const service = await startDummyServer({ port: 0, signals: [], log: createJsonLog("dummy", () => undefined) });
    try {
      assert.deepEqual(await serve(service.port), { code: 0, err: "" });
      service.setServing(false);
      assert.deepEqual(await serve(service.port), {
        code: 1,
        err: `http://127.0.0.1:${service.port}: not serving\n`,
      });
    } finally {
      await service.close(0);
    }
    const gone = await serve(service.port);
    assert.equal(gone.code, 1);
    assert.match(gone.err, /^http:\/\/127\.0\.0\.1:\d+: connect ECONNREFUSED .*\n$/);
  });

  it("says no where something else than gRPC listens", async () => {
    const server = createServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")).listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const result = await serve(typeof address === "object" && address !== null ? address.port : 0);
    server.close();
    assert.equal(result.code, 1);
    assert.notEqual(result.err, "");
  });

  it("tells a server of the API that is ready from one that is not", async () => {
    let status = 200;
    const server = createHttpServer((_, reply) => reply.writeHead(status).end()).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const words = ["node", "/app/busbar.mjs", "serve", "--port", String(port)];
    try {
      assert.deepEqual(await check(words), { code: 0, err: "" });
      status = 503;
      assert.deepEqual(await check(words), { code: 1, err: `http://127.0.0.1:${port}: /readyz says 503\n` });
    } finally {
      server.close();
      server.closeAllConnections();
    }
    assert.equal((await check(words)).code, 1);
  });

  it("says yes at once where nothing is served", async () => {
    assert.deepEqual(await check(["node", "/app/busbar.mjs", "run", "x.json"]), { code: 0, err: "" });
  });
});
