// What a server takes of its clients, by hand on its real listener: nothing that is slow, large, malformed or not read is
// more than a problem of whoever sends it.
import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { after, afterEach, before, describe, it } from "node:test";
import type { ApiDocument } from "../src/api/description.ts";
import { operationsOf } from "../src/api/docs/page.ts";
import { createRouter } from "../src/api/router.ts";
import { SECURITY_HEADERS } from "../src/api/security-headers.ts";
import { listen } from "../src/api/server.ts";
import { createStreams } from "../src/api/streams/streams.ts";
import { until } from "../src/testing/until.ts";
import { connectTo, parseReplies, type RawReply, readAll, sendRaw } from "./serve/raw.ts";
import { admitAs, type Serving, startServing } from "./serve/serving.ts";

const LIMITS = { headersTimeoutMs: 200, requestTimeoutMs: 400, maxConnections: 60 };
const CLOSE = "Host: 127.0.0.1\r\nConnection: close\r\n";

describe("a server under clients that keep to no rule", { timeout: 60_000 }, () => {
  let serving: Serving;
  const sockets: Socket[] = [];
  before(async () => {
    serving = await startServing(undefined, LIMITS);
  });
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    assert.equal((await fetch(`${serving.url}/healthz`)).status, 200, "it answers others still");
  });
  after(() => serving.close());

  const open = async (): Promise<Socket> => {
    const socket = await connectTo(serving.url);
    sockets.push(socket);
    return socket;
  };

  /** Sends a byte now and then until the server has had enough. */
  async function drip(head: string): Promise<readonly RawReply[]> {
    const socket = await open();
    const answer = readAll(socket);
    socket.write(head);
    const dripping = setInterval(() => socket.write("x"), 20);
    socket.on("close", () => clearInterval(dripping));
    return parseReplies(await answer);
  }

  function assertProblem(reply: RawReply | undefined, status: number, code: string): void {
    assert.deepEqual([reply?.status, JSON.parse(reply?.body ?? "{}").code], [status, code]);
    assert.equal(reply?.headers.get("content-type"), "application/problem+json");
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) assert.equal(reply?.headers.get(name), value, name);
  }

  it("waits so long for headers, for a body, and for a first byte", async () => {
    const [ofHeaders] = await drip("GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ");
    assertProblem(ofHeaders, 408, "REQUEST_SLOW");
    const [ofBody] = await drip(
      "POST /api/v1/runs HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n{",
    );
    assertProblem(ofBody, 408, "REQUEST_SLOW");
    await readAll(await open());
  });

  it("takes 8 KiB of headers, and of a target", async () => {
    const get = (target: string, header: string) =>
      sendRaw(serving.url, `GET ${target} HTTP/1.1\r\n${CLOSE}X-Long: ${header}\r\n\r\n`);
    assert.equal((await get("/healthz", "x".repeat(7_000)))[0]?.status, 200);
    assertProblem((await get("/healthz", "x".repeat(9_000)))[0], 431, "REQUEST_TOO_LARGE");
    assertProblem((await get(`/${"x".repeat(9_000)}`, "x"))[0], 431, "REQUEST_TOO_LARGE");
  });

  it("reads no body that is too large, or whose length it is not told, and takes none for a request", async () => {
    const post = (headers: string, body = "") =>
      sendRaw(
        serving.url,
        `POST /api/v1/runs/x/cancel HTTP/1.1\r\n${CLOSE}Content-Type: application/json\r\n${headers}\r\n\r\n${body}`,
      );
    const hidden = "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
    const large = await post("Content-Length: 2000000", hidden.repeat(40_000));
    assertProblem(large[0], 413, "REQUEST_TOO_LARGE");
    const chunked = await post("Transfer-Encoding: chunked", `${hidden.length.toString(16)}\r\n${hidden}\r\n0\r\n\r\n`);
    assertProblem(chunked[0], 411, "LENGTH_REQUIRED");
    for (const headers of [
      "Content-Length: 5\r\nTransfer-Encoding: chunked",
      "Content-Length: 5\r\nContent-Length: 6",
      "Content-Length: -5",
      "Content-Length: 0x5",
      "Transfer-Encoding: chunked, identity",
      "Transfer-Encoding : chunked",
    ]) {
      const replies = await post(headers, `5\r\n${hidden}\r\n0\r\n\r\n`);
      assertProblem(replies[0], 400, "REQUEST_INVALID");
      assert.equal(replies.length, 1, headers);
    }
    assert.equal(large.length + chunked.length, 2);
  });

  it("refuses what is no HTTP, also behind a request that is", async () => {
    for (const bytes of [
      "\x16\x03\x01\x02\x00\x01\x00",
      "hello\r\n\r\n",
      "GET /healthz\r\n\r\n",
      "BREW / HTTP/1.1\r\n\r\n",
    ]) {
      assertProblem((await sendRaw(serving.url, bytes))[0], 400, "REQUEST_INVALID");
    }
    const [first, second, ...more] = await sendRaw(
      serving.url,
      "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n\0\0garbage\r\n\r\nGET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    );
    assert.deepEqual([first?.status, more], [200, []]);
    assertProblem(second, 400, "REQUEST_INVALID");
    // Pipelined as it may be: in order.
    const replies = await sendRaw(
      serving.url,
      `GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\nGET /nothing HTTP/1.1\r\n${CLOSE}\r\n`,
    );
    assert.deepEqual(
      replies.map(({ status }) => status),
      [200, 404],
    );
  });

  it("wants to know what a request is for: one target, one host", async () => {
    const { host } = new URL(serving.url);
    const get = async (target: string, headers: string) =>
      (await sendRaw(serving.url, `GET ${target} HTTP/1.1\r\n${headers}Connection: close\r\n\r\n`))[0];
    assert.equal((await get(`http://${host}/healthz`, `Host: ${host}\r\n`))?.status, 200);
    for (const [target, headers] of [
      ["http://evil.example/healthz", `Host: ${host}\r\n`],
      ["http://", `Host: ${host}\r\n`],
      ["ftp://127.0.0.1/healthz", `Host: ${host}\r\n`],
      ["healthz", `Host: ${host}\r\n`],
      ["*", `Host: ${host}\r\n`],
      ["/healthz", ""],
      ["/healthz", "Host: a b\r\n"],
      ["/healthz", "Host: 127.0.0.1\r\nHost: evil.example\r\n"],
      ["/healthz", "Host: 127.0.0.1/x?\r\n"],
      ["/healthz", "Host: user@127.0.0.1\r\n"],
    ] as const) {
      const reply = await get(target, headers);
      assert.equal(reply?.status, 400, `${target} ${headers} ${reply?.body}`);
      assertProblem(reply, 400, "REQUEST_INVALID");
    }
    const [expecting] = await sendRaw(serving.url, `GET /healthz HTTP/1.1\r\n${CLOSE}Expect: a miracle\r\n\r\n`);
    assertProblem(expecting, 417, "REQUEST_INVALID");
    // No tunnels, and no other protocols.
    await sendRaw(serving.url, `CONNECT ${host} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    const upgrade = `GET /healthz HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade, close\r\nUpgrade: h2c\r\n\r\n`;
    assert.equal((await sendRaw(serving.url, upgrade))[0]?.status, 200);
  });

  it("finds nothing by an id that leads elsewhere, and says so as a problem", async () => {
    const document = (await (await fetch(`${serving.url}/api/openapi.json`)).json()) as ApiDocument;
    const ids = ["..%2f..%2f..%2fetc%2fpasswd", "%2e%2e%2f%2e%2e", "..%5c..%5c", "%00", "x%00", "x%0a", "%c0%ae%c0%ae"];
    ids.push(
      "%",
      "%zz",
      "%ff",
      "%ed%a0%80",
      "x".repeat(3_500),
      "%F0%9F%92%A9".repeat(280),
      "__proto__",
      "..;",
      "~",
      "%252e",
    );
    for (const { method, path, operation } of operationsOf(document).filter((each) => each.path.includes("{"))) {
      for (const id of ids) {
        const target = path.replaceAll(/\{\w+\}/g, id);
        const body = operation.requestBody === undefined ? "" : "{}";
        const type = body === "" ? "" : "Content-Type: application/json\r\nContent-Length: 2\r\n";
        const [reply] = await sendRaw(serving.url, `${method} ${target} HTTP/1.1\r\n${CLOSE}${type}\r\n${body}`);
        assert.ok(
          [400, 404].includes(reply?.status ?? 0),
          `${method} ${target.slice(0, 100)}: ${reply?.status} ${reply?.body}`,
        );
        assert.equal(reply?.headers.get("content-type"), "application/problem+json");
      }
    }
  });

  it("tells which methods a path has, and takes no other", async () => {
    const document = (await (await fetch(`${serving.url}/api/openapi.json`)).json()) as ApiDocument;
    for (const [path, item] of Object.entries(document.paths ?? {})) {
      const has = Object.keys(item as object).map((method) => method.toUpperCase());
      const url = `${serving.url}${path.replaceAll(/\{\w+\}/g, "x")}`;
      const allow = [...has, ...(has.includes("GET") ? ["HEAD"] : []), "OPTIONS"].sort().join();
      const allowOf = (headers: Headers) => headers.get("allow")?.split(", ").sort().join();
      const options = await fetch(url, { method: "OPTIONS" });
      assert.deepEqual([options.status, allowOf(options.headers)], [204, allow]);
      for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE", "PROPFIND"].filter(
        (each) => !has.includes(each),
      )) {
        const reply = await fetch(url, { method });
        const { code } = (await reply.json()) as { readonly code: string };
        assert.deepEqual(
          [reply.status, code, allowOf(reply.headers)],
          [405, "METHOD_NOT_ALLOWED", allow],
          `${method} ${path}`,
        );
      }
    }
    for (const method of ["GET", "POST", "PROPFIND", "OPTIONS", "DELETE"]) {
      assert.equal((await fetch(`${serving.url}/api/v1/nothing`, { method })).status, 404);
    }
  });

  it("answers HEAD as GET without its body, and opens no stream for it", async () => {
    for (const path of ["/healthz", "/api/v1/runs", "/api/docs", "/api/v1/runs/nobody", "/api/v1/feed"]) {
      const [get, head] = [
        await fetch(`${serving.url}${path}`),
        await fetch(`${serving.url}${path}`, { method: "HEAD" }),
      ];
      assert.deepEqual([head.status, head.headers.get("content-type")], [get.status, get.headers.get("content-type")]);
      assert.deepEqual([await head.text(), (await get.text()).length > 0], ["", true]);
    }
    const [reply] = await sendRaw(
      serving.url,
      `HEAD /api/v1/feed HTTP/1.1\r\n${CLOSE}Accept: text/event-stream\r\n\r\n`,
    );
    assert.deepEqual([reply?.status, reply?.headers.get("content-type")], [200, "text/event-stream"]);
    assert.equal(serving.countStreams(), 0);
  });

  it("holds so many connections, and takes new ones as soon as others have gone", async () => {
    const held: Socket[] = [];
    let refused = 0;
    for (let n = 0; n < LIMITS.maxConnections + 20; n += 1) {
      const socket = await open();
      socket.on("close", () => {
        refused += 1;
      });
      held.push(socket);
    }
    await until(() => refused >= 20);
    for (const socket of held) socket.destroy();
  });
});

describe("a client that does not read its stream", { timeout: 60_000 }, () => {
  const CLIENTS = 20;
  const PIECE = Buffer.alloc(16 * 1024, "x");

  it("is sent no more than what the system takes, and dropped after a while; who reads goes on", async () => {
    const streams = createStreams(400);
    const router = createRouter();
    let [given, ended] = [0, 0];
    async function* endless(signal: AbortSignal): AsyncGenerator<Buffer> {
      try {
        while (!signal.aborted) {
          given += 1;
          yield PIECE;
        }
      } finally {
        ended += 1;
      }
    }
    router.use("*", admitAs({ role: "admin", name: "test", id: "test" }).admit);
    router.get("/endless", (c) => streams.open(c, endless));
    const server = await listen(router, streams, { host: "127.0.0.1", port: 0 });
    const sockets: Socket[] = [];
    const ask = async (): Promise<Socket> => {
      const socket = await connectTo(server.url);
      sockets.push(socket);
      socket.pause();
      socket.write("GET /endless HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
      return socket;
    };

    const before = process.memoryUsage().arrayBuffers;
    for (let n = 0; n < CLIENTS; n += 1) await ask();
    await until(() => given >= CLIENTS);
    await until(() => streams.count() === 0);
    // Their sources are told.
    await until(() => ended === CLIENTS);
    const kept = process.memoryUsage().arrayBuffers - before;
    assert.ok(kept < CLIENTS * 16 * PIECE.length, `${kept} bytes are kept here`);
    const sent = (given * PIECE.length) / CLIENTS;
    assert.ok(sent < 64 * 1024 * 1024, `${sent} bytes were made for each`);

    const reader = await ask();
    let bytes = 0;
    reader.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
    });
    reader.resume();
    await until(() => bytes > 20_000_000);
    assert.equal(streams.count(), 1);
    for (const socket of sockets) socket.destroy();
    await until(() => streams.count() === 0);
    await server.close();
  });
});
