// The API on a real server with a real state directory, calling real services.

import assert from "node:assert/strict";
import { connect } from "node:net";
import { after, before, describe, it } from "node:test";
import { type RunningService, startDummyServer } from "../src/service/index.ts";
import { until } from "../src/testing/until.ts";
import { pairOf } from "./serve/pair.ts";
import { type Message, readStream, type Serving, startServing } from "./serve/serving.ts";

describe("busbar serve", () => {
  let serving: Serving;
  let service: RunningService;
  before(async () => {
    serving = await startServing();
    service = await startDummyServer({ port: 0 });
  });
  after(async () => {
    await serving.close();
    await service.close();
  });

  const definition = () => pairOf(service.address);
  const collect = async (path: string, headers: Record<string, string> = {}): Promise<Message[]> => {
    const messages: Message[] = [];
    for await (const message of readStream(`${serving.url}/api/v1${path}`, {
      headers,
      signal: AbortSignal.timeout(10_000),
    })) {
      messages.push(message);
      if (message.event === "end") break;
    }
    return messages;
  };

  it("starts a run, streams its events to the end, and shows it", async () => {
    const started = await serving.call("POST", "/runs", { definition: definition(), run_id: "r1" });
    assert.deepEqual([started.status, started.body.run_id], [201, "r1"]);
    assert.equal(started.headers.get("location"), "/api/v1/runs/r1");
    const messages = await collect("/runs/r1/events");
    const events = messages.filter(({ event }) => event === undefined);
    assert.deepEqual(
      events.map(({ id }) => id),
      events.map((_, index) => `r1:${index + 1}`),
    );
    assert.equal(events.at(-1)?.data.type, "run.succeeded");
    assert.deepEqual(messages.at(-1)?.data.status, "succeeded");
    const shown = await serving.call("GET", "/runs/r1");
    assert.deepEqual([shown.status, shown.body], [200, JSON.parse(JSON.stringify(await serving.host.runs.get("r1")))]);
    const list = await serving.call("GET", "/runs?status=succeeded&workflow=pair");
    assert.deepEqual(
      list.body.runs.map((run: { run_id: string }) => run.run_id),
      ["r1"],
    );
    assert.equal((await serving.call("GET", "/runs/r1/wait")).body.end.type, "run.succeeded");
    assert.equal((await serving.call("GET", "/resolve?run=r")).body.run_id, "r1");
    const graph = await serving.call("GET", "/runs/r1/graph");
    assert.deepEqual(graph.body.edges, [{ from: "a", to: "b" }]);
    assert.deepEqual(graph.body.nodes[1], { id: "b", status: "succeeded", attempts: 1 });
  });

  it("goes on behind the last event that a client has seen", async () => {
    const messages = await collect("/runs/r1/events", { "last-event-id": "r1:3" });
    assert.equal(messages[0]?.id, "r1:4");
    const page = await serving.call("GET", "/runs/r1/events?after=1&limit=2");
    assert.deepEqual([page.body.events.map(({ seq }: { seq: number }) => seq), page.body.next], [[2, 3], 3]);
  });

  it("feeds the events of all runs, each once, over the seam between what was there and what comes", async () => {
    const stop = new AbortController();
    const seen: string[] = [];
    const reading = (async () => {
      for await (const { data, event } of readStream(`${serving.url}/api/v1/feed`, { signal: stop.signal })) {
        assert.equal(event, undefined);
        if (data.kind === "event") seen.push(`${data.event.run_id}:${data.event.seq}`);
        if (data.event.run_id === "r4" && data.event.type === "run.succeeded") return;
      }
    })();
    for (const run_id of ["r2", "r3", "r4"]) {
      await serving.call("POST", "/runs", { definition: definition(), run_id });
      await serving.call("GET", `/runs/${run_id}/wait`);
    }
    await reading;
    stop.abort();
    const all = [];
    for await (const item of serving.host.runs.feed()) {
      if (item.kind === "event") all.push(`${item.event.run_id}:${item.event.seq}`);
    }
    assert.deepEqual(seen, all);
  });

  it("says what is wrong with a request as a problem with a code and a remedy", async () => {
    const cases: readonly (readonly [number, string, string, string, unknown?])[] = [
      [404, "RUN_NOT_FOUND", "GET", "/runs/nobody"],
      [404, "RUN_NOT_FOUND", "GET", "/runs/nobody/events"],
      [404, "RUN_NOT_FOUND", "GET", "/runs/nobody/logs"],
      [404, "RUN_NOT_FOUND", "DELETE", "/runs/nobody"],
      [404, "NOT_FOUND", "GET", "/nothing"],
      [400, "REQUEST_INVALID", "GET", "/runs?limit=-1"],
      [400, "REQUEST_INVALID", "GET", "/runs/%20"],
      [400, "REQUEST_INVALID", "POST", "/runs", { x: 1 }],
      [400, "USAGE", "POST", "/runs", {}],
      [404, "WORKFLOW_UNKNOWN", "POST", "/runs", { workflow: "none" }],
      [422, "WORKFLOW_SYNTAX", "POST", "/runs", { definition: { format: "json", text: "{" } }],
      [409, "RUN_EXISTS", "POST", "/runs", { definition: definition(), run_id: "r1", priority: 1 }],
      [409, "RUN_ALREADY_SUCCEEDED", "POST", "/runs/r1/resume", {}],
      [409, "RUN_ALREADY_ENDED", "POST", "/runs/r1/cancel", {}],
      [400, "USAGE", "GET", "/feed?after=nonsense"],
    ];
    for (const [status, code, method, path, body] of cases) {
      const reply = await serving.call(method, path, body);
      assert.deepEqual([reply.status, reply.body.code, reply.body.status], [status, code, status], `${method} ${path}`);
      assert.match(reply.headers.get("content-type") ?? "", /^application\/problem\+json/);
      assert.ok(reply.body.remedy.length > 0);
    }
  });

  it("takes bodies only as JSON whose length is known", async () => {
    const post = (init: RequestInit & { duplex?: "half" }) =>
      fetch(`${serving.url}/api/v1/runs`, { method: "POST", ...init }).then(async (reply) => [
        reply.status,
        ((await reply.json()) as { code: string }).code,
      ]);
    const headers = { "content-type": "application/json" };
    assert.deepEqual(await post({ body: "{}", headers: { "content-type": "text/plain" } }), [415, "MEDIA_TYPE"]);
    assert.deepEqual(await post({ body: "{", headers }), [400, "REQUEST_INVALID"]);
    const chunks = new Blob(["{}"]).stream();
    assert.deepEqual(await post({ body: chunks, headers, duplex: "half" }), [411, "LENGTH_REQUIRED"]);
    const long = `{"x":"${"x".repeat(1024 * 1024)}"}`;
    const cancel = await fetch(`${serving.url}/api/v1/runs/r1/cancel`, { method: "POST", body: long, headers });
    assert.equal(cancel.status, 413);
  });

  it("stops while clients are connected that have said nothing yet, or half of it", async () => {
    const other = await startServing();
    const { port, hostname } = new URL(other.url);
    const clients = [connect(Number(port), hostname), connect(Number(port), hostname)];
    const gone = clients.map((client) => new Promise((resolve) => client.once("close", resolve)));
    for (const client of clients) client.on("error", () => undefined);
    await Promise.all(clients.map((client) => new Promise<void>((resolve) => client.once("connect", resolve))));
    clients[1]?.write("POST /api/v1/runs HTTP/1.1\r\nhost: x\r\n");
    await other.call("GET", "/runs");
    await other.close();
    await Promise.all(gone);
  });

  it("shows on a stream on which nothing happens that it is there", async () => {
    const other = await startServing(undefined, { heartbeatMs: 10 });
    const reply = await fetch(`${other.url}/api/v1/feed?after=now`, { headers: { accept: "text/event-stream" } });
    let text = "";
    for await (const chunk of reply.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += chunk;
      if (text.split(": \n\n").length > 4) break;
    }
    await other.close();
    assert.equal(text.replaceAll(": \n\n", "").split("\n\n").length, 2);
  });

  it("says farewell to open streams and stops", async () => {
    const other = await startServing();
    const messages: Message[] = [];
    const reading = (async () => {
      for await (const message of readStream(`${other.url}/api/v1/feed?after=now`)) messages.push(message);
    })();
    await until(() => messages.length !== 0);
    await other.close();
    await reading;
    assert.deepEqual(
      messages.map(({ event }) => event),
      [undefined, "bye"],
    );
  });
});
