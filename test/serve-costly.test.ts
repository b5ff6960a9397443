// Requests that no client means well: each has an answer that says what is wrong, soon, and costs the server little.
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { after, before, describe, it } from "node:test";
import { setImmediate } from "node:timers/promises";
import { readOwnToken } from "../src/app/server/own-token.ts";
import type { LogLine } from "../src/ports/run-logs.ts";
import { until } from "../src/testing/until.ts";
import { type Guarded, startGuarded } from "./serve/guarded.ts";
import { startServing } from "./serve/serving.ts";

let server: Guarded;
let token: string;
const MIB = 1024 * 1024;

before(async () => {
  server = await startGuarded();
  token = readOwnToken(server.stateDir) ?? assert.fail();
});
after(() => server.close());

async function open(head: string): Promise<Socket> {
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  socket.on("error", () => undefined);
  await once(socket, "connect");
  socket.write(head);
  return socket;
}

/** Status and problem of what is sent as it stands. */
async function send(text: string | Buffer): Promise<readonly [number, string, string]> {
  const socket = await open("");
  socket.write(text);
  let received = "";
  socket.setEncoding("utf8");
  for await (const piece of socket) received += piece;
  const [head = "", body = ""] = received.split("\r\n\r\n", 2);
  const { code, detail } = body.startsWith("{") ? JSON.parse(body) : { code: body, detail: "" };
  return [Number(head.slice(9, 12)), code, detail];
}

const post = (path: string, body: string | Buffer): Promise<readonly [number, string, string]> =>
  send(
    Buffer.concat([
      Buffer.from(
        `POST ${path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nauthorization: Bearer ${token}\r\n` +
          `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n`,
      ),
      Buffer.from(body),
    ]),
  );

describe("a search through logs", () => {
  it("ends when whoever asked for it has gone, and when the server stops", async () => {
    let reading = 0;
    let read = 0;
    async function* logs(): AsyncGenerator<LogLine> {
      reading += 1;
      try {
        for (; ; read += 1) {
          yield { at: "", node_id: "a", attempt: 1, stream: "stdout", text: "nothing" };
          if (read % 100 === 0) await setImmediate();
        }
      } finally {
        reading -= 1;
      }
    }
    const serving = await startServing(undefined, {
      instead: ({ runs }) => ({ runs: { ...runs, logs, events: async () => [] } }),
    });
    const url = `${serving.url}/api/v1/runs/r/logs?search=needle`;
    const leaving = new AbortController();
    const left = assert.rejects(fetch(url, { signal: leaving.signal }), { name: "AbortError" });
    await until(() => reading === 1 && read > 1_000);
    leaving.abort();
    await left;
    await until(() => reading === 0);

    const staying = fetch(url);
    await until(() => reading === 1);
    const closing = serving.close();
    const answer = await staying;
    assert.equal(answer.status, 503);
    assert.equal(((await answer.json()) as { code: string }).code, "SERVER_BUSY");
    await closing;
    assert.equal(reading, 0);
  });
});

describe("a request whose", () => {
  it("body is not UTF-8 is refused: what it says would be recorded as something else", async () => {
    const text = Buffer.from('{"workflow": "one", "params": {"a": "?"}}');
    text[text.indexOf("?")] = 0xff;
    assert.deepEqual(await post("/api/v1/runs", text), [
      400,
      "REQUEST_INVALID",
      "the body of the request is not UTF-8",
    ]);
  });

  it("body has more in it than any request is refused before it is looked at", async () => {
    const wide = `{"workflow": "one", "params": {${Array.from({ length: 12_000 }, (_, n) => `"${n}": null`).join()}}}`;
    const list = JSON.stringify({ from: Array(200_000).fill(1) });
    const deep = `{"workflow": "one", "params": ${'{"a":'.repeat(100_000)}1${"}".repeat(100_001)}`;
    for (const [path, body] of [
      ["/api/v1/runs", wide],
      ["/api/v1/runs/r1/rerun", list],
      ["/api/v1/runs", deep],
      ["/api/v1/runs/r1/resume", `{"definition": {"text": "\\\\", "more": ${list}}}`],
      ["/api/v1/runs/r1/cancel", list],
      ["/api/v1/tokens", list],
      ["/api/v1/workflows", list],
      ["/api/v1/services/probe", list],
    ] as const) {
      const [status, code, detail] = await post(path, body);
      assert.deepEqual([status, code], [400, "REQUEST_INVALID"], path);
      assert.match(detail, /more than 10000 values|deeper than 100 levels/, path);
    }
  });

  it("body has all that in a text is read: a workflow may be long", async () => {
    const text = `# ${'\\"[{,'.repeat(50_000)}\nworkflow_name: [`;
    const [status, code] = await post("/api/v1/workflows", JSON.stringify({ format: "yaml", text }));
    assert.deepEqual([status, code], [422, "WORKFLOW_SYNTAX"]);
  });

  it("query has a name that the operation does not take is refused: a misspelt filter would let everything through", async () => {
    const takesQuery = Object.entries<{ readonly get?: { readonly parameters?: readonly { readonly in: string }[] } }>(
      JSON.parse(readFileSync(new URL("../docs/reference/openapi.json", import.meta.url), "utf8")).paths,
    ).filter(([, { get }]) => get?.parameters?.some((parameter) => parameter.in === "query"));
    assert.ok(takesQuery.length >= 7, String(takesQuery.length));
    for (const [path] of takesQuery) {
      const { status, body } = await server.send("GET", `${path.replace(/\{\w+\}/g, "x")}?stauts=failed`, { token });
      assert.deepEqual([status, body.code], [400, "REQUEST_INVALID"], path);
      assert.match(
        JSON.stringify(body),
        /the query of the request is not as it should be: .*it has no stauts, but \w+/,
      );
    }
  });

  it("values are all wrong is told of some of them", async () => {
    const params = Object.fromEntries(Array.from({ length: 9_000 }, (_, n) => [`p${n}`, null]));
    const answer = await server.send("POST", "/api/v1/runs", { token, body: { workflow: "one", params } });
    assert.deepEqual([answer.status, answer.body.details.issues.length], [400, 20]);
    const unknown = await server.send("POST", "/api/v1/runs", { token, body: params });
    assert.equal(unknown.status, 400);
    assert.ok(JSON.stringify(unknown.body).length < 2_000);
  });

  it("sender is not known may be short: nobody has the server hold much", async () => {
    const origin = server.url;
    const body = { token: "x".repeat(5_000) };
    const { status, body: problem } = await server.send("POST", "/api/v1/session", { headers: { origin }, body });
    assert.deepEqual([status, problem.code], [413, "REQUEST_TOO_LARGE"]);
  });

  it("body is one large one too many is asked to come again, and small ones are not", async () => {
    const head = (bytes: number): string =>
      `POST /api/v1/workflows HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${token}\r\n` +
      `content-type: application/json\r\ncontent-length: ${bytes}\r\n\r\n`;
    const slow = await Promise.all([head(48 * MIB), head(48 * MIB), head(32 * MIB)].map(open));
    const large = `"${"x".repeat(70_000)}"`;
    // The heads are read in the order of their arrival, which is not said.
    let status = 0;
    while (status !== 503) [status] = await post("/api/v1/workflows", large);
    assert.equal((await post("/api/v1/workflows", "{}"))[0], 400);
    for (const socket of slow) socket.destroy();
    while (status === 503) [status] = await post("/api/v1/workflows", large);
    assert.equal(status, 400);
    const { entries } = await server.host.audit.read();
    assert.ok(entries.every(({ outcome }) => outcome === "WORKFLOW_SYNTAX"));
  });

  it("Last-Event-ID is not one that the stream has given is told so", async () => {
    const definition = {
      format: "json",
      text: JSON.stringify({
        workflow_name: "one",
        start_node: "a",
        service_registry: { a: "127.0.0.1:1" },
        containers: { a: { input_file: "x", output_file: "y" } },
      }),
    };
    const body = { definition, preflight: false, run_id: "r1" };
    assert.equal((await server.send("POST", "/api/v1/runs", { token, body })).status, 201);
    for (const id of ["r1:", "r1:1e3", "r1: 1", "r1:0x1", "r1:1.0", "r1:-1", "r1:99999999999999999999", "r2:1", "1"]) {
      const answer = await server.send("GET", "/api/v1/runs/r1/events", { token, headers: { "last-event-id": id } });
      assert.deepEqual([answer.status, answer.body.code], [400, "USAGE"], id);
    }
  });
});

describe("a connection that sends requests before it has its answers", () => {
  const stream = `GET /api/v1/feed HTTP/1.1\r\nhost: localhost\r\naccept: text/event-stream\r\n\r\n`;
  const health = "GET /healthz HTTP/1.1\r\nhost: localhost\r\n";

  it("has them in their order", async () => {
    const socket = await open(`${`${health}\r\n`.repeat(3)}${health}connection: close\r\n\r\n`);
    let received = "";
    socket.setEncoding("utf8");
    for await (const piece of socket) received += piece;
    assert.equal(received.match(/\{"status":"ok"\}/g)?.length, 4);
  });

  it("leaves nothing open when it goes", async () => {
    const sockets = await Promise.all(Array.from({ length: 25 }, () => open(stream.repeat(50))));
    await Promise.all(sockets.map((socket) => once(socket, "data")));
    for (const socket of sockets) socket.destroy();
    const socket = await open(stream);
    const [answer] = (await once(socket, "data")) as [Buffer];
    socket.destroy();
    assert.match(answer.toString(), /^HTTP\/1.1 200 /);
  });

  it("is cut off when it does not stop", async () => {
    const socket = await open(stream.repeat(500));
    for await (const _ of socket);
    assert.ok(socket.destroyed);
  });
});
