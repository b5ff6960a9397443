// What a caller may send without being one to trust: nothing of it leaves its place, holds up others, or is believed.
import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { createApi } from "../src/api/api.ts";
import { listen } from "../src/api/server.ts";
import { createStreams } from "../src/api/streams/streams.ts";
import { createJsonLog, type RunningService, serve } from "../src/service/index.ts";
import { type Answer, type Guarded, startGuarded } from "./serve/guarded.ts";
import { admitAs, readStream } from "./serve/serving.ts";

let server: Guarded;
let admin: string;
let service: RunningService;
const received: string[] = [];
before(async () => {
  server = await startGuarded();
  admin = await server.tokenOf("admin");
  service = await serve({
    name: "work",
    port: 0,
    signals: [],
    log: createJsonLog("work", () => {}),
    allowEmptyPaths: true,
    async execute({ inputFile }) {
      received.push(inputFile);
      return "done";
    },
  });
});
after(async () => {
  await server.close();
  await service.close(0);
});

const send = (method: string, path: string, body?: unknown, token = admin): Promise<Answer> =>
  server.send(method, `/api/v1${path}`, { token, ...(body === undefined ? {} : { body }) });

/** `work`, whose node is given what its param says. */
const text = () =>
  JSON.stringify({
    workflow_name: "work",
    start_node: "a",
    params: { path: { type: "string" }, n: { type: "integer", default: 1 } },
    service_registry: { a: service.address },
    containers: { a: { input_file: "${params.path}", output_file: "out" } },
  });

async function runToEnd(body: object, token?: string): Promise<Answer> {
  const started = await send("POST", "/runs", body, token);
  if (started.status !== 201) return started;
  const headers = { authorization: `Bearer ${admin}` };
  for await (const { event } of readStream(`${server.url}/api/v1/runs/${started.body.run_id}/events`, { headers })) {
    if (event === "end") break;
  }
  return send("GET", `/runs/${started.body.run_id}`);
}

describe("ids and names in a path", () => {
  const HOSTILE = [
    "..",
    "../..",
    "../server-token",
    "../../../../../../etc/passwd",
    "..\\..\\server-token",
    "/etc/passwd",
    "./work",
    "work/../work",
    "work\0.json",
    "\0",
    "%2e%2e%2f",
    "...",
    ".",
    "~root",
    "CON",
    "work:stream",
    "x".repeat(5_000),
    "\u202e",
    "__proto__",
    "constructor",
    "'; DROP TABLE runs; --",
    "%",
    "*",
  ];

  it("lead nowhere but to what is so called", async () => {
    const token = readFileSync(join(server.stateDir, "server-token"), "utf8").trim();
    assert.equal(
      (await runToEnd({ definition: { format: "json", text: text() }, params: { path: "x" }, run_id: "r1" })).status,
      200,
    );
    const described = (await server.send("GET", "/api/openapi.json", { token: admin })).body;
    const outside = join(server.stateDir, "..");
    const around = readdirSync(outside).toSorted();
    let asked = 0;
    for (const [path, methods] of Object.entries<Record<string, unknown>>(described.paths)) {
      if (!path.includes("{")) continue;
      for (const method of Object.keys(methods)) {
        for (const value of HOSTILE) {
          for (const name of [encodeURIComponent(value), encodeURIComponent(encodeURIComponent(value))]) {
            const body = method === "post" || method === "put" ? { format: "json", text: text() } : undefined;
            const filled = path.replaceAll(/\{\w+\}/g, name);
            const answer = await server.send(method.toUpperCase(), filled, { token: admin, ...(body && { body }) });
            asked += 1;
            const what = `${method} ${filled.slice(0, 100)}: ${answer.status} ${JSON.stringify(answer.body).slice(0, 300)}`;
            assert.ok(answer.status >= 400 && answer.status < 500, what);
            const told = JSON.stringify(answer.body);
            assert.ok(!told.includes(token) && !told.includes("root:"), what);
          }
        }
      }
    }
    assert.ok(asked > 500);
    assert.deepEqual(readdirSync(outside).toSorted(), around);
    assert.ok(existsSync(join(server.stateDir, "server-token")) && existsSync(join(server.stateDir, "journal.db")));
    assert.equal((await send("GET", "/runs/r1")).status, 200);
    assert.deepEqual(await server.host.runs.list().then(({ damaged }) => damaged), []);
  });

  it("of a workflow that is stored lead into its folder, whatever the workflow is called", async () => {
    const stored: string[] = [];
    for (const name of HOSTILE) {
      const hostile = JSON.stringify({ ...JSON.parse(text()), workflow_name: name });
      const answer = await send("POST", "/workflows", { format: "json", text: hostile });
      assert.ok(answer.status < 500, `${name}: ${answer.status} ${JSON.stringify(answer.body)}`);
      if (answer.status < 300) stored.push(name);
    }
    const folder = join(server.stateDir, "workflows");
    const files = existsSync(folder) ? readdirSync(folder, { recursive: true }) : [];
    assert.ok(files.length <= stored.length, JSON.stringify({ files, stored }));
    assert.ok(
      !existsSync(join(server.stateDir, "server-token.json")) && !existsSync(join(server.stateDir, "..", ".json")),
    );
  });
});

describe("links in what is served", () => {
  it("to elsewhere are followed neither for logs nor for workflows", {
    skip: process.platform === "win32",
  }, async () => {
    const secret = join(server.stateDir, "outside");
    mkdirSync(join(secret, "1"), { recursive: true });
    const line = `${JSON.stringify({ t: 1, s: "o", x: "outside" })}\n`;
    writeFileSync(join(secret, "1", "1.1.000000000000000.log"), line);
    writeFileSync(join(secret, "w.json"), JSON.stringify({ ...JSON.parse(text()), workflow_name: "linked" }));
    const logs = join(server.stateDir, "run-logs", "r1");
    mkdirSync(join(logs, "b", "1"), { recursive: true });
    symlinkSync(secret, join(logs, "a"));
    symlinkSync(join(secret, "1"), join(logs, "b", "2"));
    symlinkSync(join(secret, "1", "1.1.000000000000000.log"), join(logs, "b", "1", "1.1.000000000000000.log"));
    const read = await send("GET", "/runs/r1/logs");
    assert.deepEqual([read.status, read.body.lines], [200, []]);
    for (const node of ["a", "b"]) {
      assert.deepEqual((await send("GET", `/runs/r1/logs?node_id=${node}`)).body.lines, [], node);
    }
    symlinkSync(join(secret, "w.json"), join(server.stateDir, "workflows", "linked.json"));
    const { body } = await send("GET", "/workflows");
    const found = body.workflows.find(({ name }: { name: string }) => name === "linked");
    assert.ok(found === undefined || found.diagnostics.length > 0, JSON.stringify(found));
    assert.notEqual((await send("POST", "/runs", { workflow: "linked", params: { path: "x" } })).status, 201);
  });
});

describe("params of an operator", () => {
  before(async () => {
    assert.ok((await send("PUT", "/workflows/work", { format: "json", text: text() })).status < 300);
  });

  it("are values, and nothing in them is looked up", async () => {
    const operator = await server.tokenOf("operator");
    for (const path of [
      ...["${env.PATH}", "${params.path}", "$${env.HOME}", "${nodes.a.output}"],
      ...[
        "$(id)",
        "`id`",
        "; rm -rf /",
        "a\r\nauthorization: x",
        "../../etc/passwd",
        "\0",
        "\ud800",
        "x".repeat(20_000),
      ],
    ]) {
      const from = received.length;
      const { status, body } = await runToEnd({ workflow: "work", params: { path } }, operator);
      assert.ok(status < 500, `${JSON.stringify(path)}: ${status} ${JSON.stringify(body)}`);
      if (received.length > from) assert.equal(received.at(-1), path.toWellFormed());
      assert.ok(!JSON.stringify(body).includes(`${process.env.PATH}`), "no variable of the server is shown");
    }
    assert.ok(received.length >= 6);
  });

  it("that are none of the workflow's, or of other types, make no run", async () => {
    const operator = await server.tokenOf("operator");
    const before = (await server.host.runs.list()).runs.length;
    for (const params of [
      { path: "x", other: 1 },
      { path: 1 },
      { path: "x", n: "1" },
      { path: "x", n: null },
      { path: "x", n: 1.5 },
      { path: { toString: "x" } },
      { path: "x", constructor: "x" },
      {},
      [],
      "x",
    ]) {
      const { status, body } = await send("POST", "/runs", { workflow: "work", params }, operator);
      assert.ok(status >= 400 && status < 500, `${JSON.stringify(params)}: ${status} ${JSON.stringify(body)}`);
    }
    assert.equal((await server.host.runs.list()).runs.length, before);
    // What JavaScript would take for something else is no param either.
    const sneaky = await send("POST", "/runs", {
      workflow: "work",
      params: JSON.parse('{"path":"x","__proto__":{"n":2}}'),
    });
    if (sneaky.status === 201) {
      const { params } = (await send("GET", `/runs/${sneaky.body.run_id}`)).body;
      assert.deepEqual(params, { path: "x" });
    }
    assert.equal(({} as { n?: number }).n, undefined);
  });
});

describe("a client that is slow or large", () => {
  /** What comes back of what is written, until the connection ends. */
  async function exchange(url: string, pieces: readonly string[]): Promise<string> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    let answer = "";
    socket.setEncoding("utf8").on("data", (piece: string) => {
      answer += piece;
    });
    socket.on("error", () => undefined);
    for (const piece of pieces) socket.write(piece);
    await once(socket, "close");
    return answer;
  }

  it("is refused its head beyond 8 KB, and its body beyond what is taken, before it is read", async () => {
    const head = await exchange(server.url, [
      `GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: ${"x".repeat(9_000)}\r\n\r\n`,
    ]);
    assert.match(head, /^HTTP\/1\.1 431 .*"code":"REQUEST_TOO_LARGE"/s);
    const huge = await exchange(server.url, [
      `POST /api/v1/runs HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${admin}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: 99999999999\r\n\r\n{`,
    ]);
    assert.match(huge, /^HTTP\/1\.1 413 /);
    // Of a stranger nothing is read, however little it is.
    const stranger = await exchange(server.url, [
      "POST /api/v1/runs HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: same-origin\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: 40000000\r\n\r\n{",
    ]);
    assert.match(stranger, /^HTTP\/1\.1 401 /);
  });

  it("is let go of where its head or its body does not come in time, and others are served meanwhile", async () => {
    const streams = createStreams();
    const api = createApi(server.host, streams, admitAs({ role: "admin", name: "test", id: "test" }));
    const impatient = await listen(api, streams, {
      ...{ host: "127.0.0.1", port: 0, headersTimeoutMs: 200, requestTimeoutMs: 400 },
    });
    try {
      const slow = [
        exchange(impatient.url, ["GET /healthz HTTP/1.1\r\nHost: local"]),
        exchange(impatient.url, [
          "POST /api/v1/runs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{",
        ]),
      ];
      assert.equal((await fetch(`${impatient.url}/healthz`)).status, 200);
      for (const answer of await Promise.all(slow)) assert.match(answer, /^HTTP\/1\.1 408 .*"code":"REQUEST_SLOW"/s);
    } finally {
      await impatient.close();
    }
  });
});
