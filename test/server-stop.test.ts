// How `busbar serve` stops, and how it begins again.

import assert from "node:assert/strict";
import { connect } from "node:net";
import { afterEach, beforeEach, describe, it } from "node:test";
import { checkHistory } from "../src/engine/rules.ts";
import type { RunEvent } from "../src/index.ts";
import { createGate, type Gate } from "../src/testing/fake-executor.ts";
import { until } from "../src/testing/until.ts";
import { type Cli, createCli } from "./cli/harness.ts";
import { pairOf } from "./serve/pair.ts";
import { type ServerProcess, type ServerProcessOptions, startServer } from "./serve/server-process.ts";
import { readStream } from "./serve/serving.ts";

/** Longer than any test may take: whatever waits for it fails. */
const LONG = "3600";

describe("busbar serve that is told to stop", { skip: process.platform === "win32" && "it has no SIGTERM" }, () => {
  let cli: Cli;
  let address: string;
  /** What the calls of the service wait for, and how many there were. */
  let gate: Gate<void>;
  let calls = 0;
  const start = (options?: ServerProcessOptions): Promise<ServerProcess> => startServer(cli, options);
  const eventsOf = async (server: ServerProcess, runId: string): Promise<readonly RunEvent[]> =>
    (await server.call("GET", `/runs/${runId}/events?limit=500`)).body.events;
  const typesOf = (events: readonly RunEvent[]): string[] =>
    events.map((event) => ("node_id" in event ? `${event.type} ${event.node_id}` : event.type));

  beforeEach(async () => {
    cli = createCli();
    gate = createGate();
    calls = 0;
    const service = await cli.serve("pair", async () => {
      calls += 1;
      await gate.promise;
      return "done";
    });
    address = service.address;
  });
  afterEach(() => cli.close());

  it("says first what it keeps, and ends at once where streams are open and nothing is in flight", async () => {
    const server = await start({ grace: LONG, args: ["--retention", "max-age=7d"] });
    const feed = readStream(`${server.url}/api/v1/feed`, { headers: server.headers() });
    const reading = (async () => {
      const messages = [];
      for await (const message of feed) messages.push(message.event);
      return messages;
    })();
    await until(async () => (await fetch(`${server.url}/readyz`)).status === 200);
    const { code, stderr, stdout } = await server.stop("SIGTERM");
    assert.deepEqual([code, stdout], [0, `READY ${server.url}\n`]);
    assert.match(stderr, /^retention: ended runs that a server started are kept for 7 days, at most 100,000, /);
    assert.deepEqual((await reading).at(-1), "bye");
  });

  // A request that does not come is given up after 30 s, if nobody stops.
  it("waits for no request that does not come, and leaves nobody waiting", { timeout: 20_000 }, async () => {
    const server = await start({ grace: LONG });
    const { hostname: host, port } = new URL(server.url);
    const head = `POST /api/v1/runs HTTP/1.1\r\nhost: ${host}:${port}\r\ncontent-type: application/json\r\n`;
    const slow = connect(Number(port), host);
    slow.on("error", () => undefined);
    slow.write(`${head}content-length: 100\r\n\r\n{`);
    await server.call("POST", "/runs", { definition: pairOf(address), run_id: "held" });
    const waiting = fetch(`${server.url}/api/v1/runs/held/wait`, { headers: server.headers() }).then(
      () => "answered",
      () => "cut off",
    );
    await until(() => calls === 1);
    await server.call("POST", "/runs/held/pause", {});
    gate.open();
    await until(async () => (await server.call("GET", "/runs/held")).body.nodes[0].status === "succeeded");
    assert.equal((await server.stop("SIGTERM")).code, 0);
    assert.match(await waiting, /answered|cut off/);
  });

  it("lets calls in flight end, records that, and calls nothing more; the next server goes on", async () => {
    const server = await start({ grace: LONG });
    const definition = pairOf(address);
    await server.call("POST", "/runs", { definition, run_id: "drained" });
    await until(() => calls === 1);
    const ended = server.stop("SIGTERM");
    await until(async () => (await fetch(`${server.url}/healthz`).catch(() => undefined)) === undefined);
    gate.open();
    const { code, stderr } = await ended;
    assert.deepEqual([code, calls], [0, 1], stderr);

    const next = await start();
    assert.equal((await next.call("GET", "/runs/drained/wait")).body.end.type, "run.succeeded");
    const events = await eventsOf(next, "drained");
    assert.deepEqual(typesOf(events).slice(2), [
      ...["node.started a", "node.succeeded a"],
      ...["run.resumed", "node.started b", "node.succeeded b", "run.succeeded"],
    ]);
    const resumed = events.find((event) => event.type === "run.resumed");
    assert.deepEqual([resumed?.by, resumed?.recovery], ["busbar serve", true]);
    assert.deepEqual(checkHistory(events), []);
    await next.stop("SIGTERM");
  });

  it("leaves calls that take longer to the next server, which makes them again with their key", async () => {
    const server = await start({ grace: "0.2" });
    await server.call("POST", "/runs", { definition: pairOf(address), run_id: "cut" });
    await until(() => calls === 1);
    assert.equal((await server.stop("SIGTERM")).code, 0);
    gate.open();
    const next = await start();
    assert.equal((await next.call("GET", "/runs/cut/wait")).body.end.type, "run.succeeded");
    const events = await eventsOf(next, "cut");
    const keys = events.flatMap((event) => (event.type === "node.started" ? [event.idempotency_key] : []));
    assert.deepEqual(keys, ["cut/a/1", "cut/a/1", "cut/b/1"]);
    assert.deepEqual(checkHistory(events), []);
    await next.stop("SIGTERM");
  });

  it("leaves paused runs paused, and runs of others alone", async () => {
    const file = cli.write("pair.json", pairOf(address).text);
    const other = cli.start(["run", file, "--run-id", "of-the-command"]);
    const server = await start();
    await server.call("POST", "/runs", { definition: pairOf(address), run_id: "paused" });
    await until(() => calls === 2);
    assert.equal((await server.call("POST", "/runs/paused/pause", {})).body.kind, "applied");
    await server.stop("SIGTERM");
    other.child.kill("SIGKILL");
    await other.ended;
    gate.open();
    const next = await start();
    await until(async () => (await next.call("GET", "/runs/paused")).body.owner?.alive === true);
    const { paused, status } = (await next.call("GET", "/runs/paused")).body;
    assert.deepEqual([paused, status], [true, "running"]);
    assert.equal((await next.call("GET", "/runs/of-the-command")).body.owner.alive, false);
    await next.call("POST", "/runs/paused/unpause", {});
    assert.equal((await next.call("GET", "/runs/paused/wait")).body.end.type, "run.succeeded");
    await next.stop("SIGTERM");
  });

  it("refuses to be the second on one state directory, and is not in the way of one that comes after a kill", async () => {
    const first = await start();
    const second = await cli.run(["serve", "--port", "0"]);
    assert.equal(second.code, 30);
    assert.match(second.stderr, /^SERVER_RUNNING: another server runs on the state directory /m);
    await first.stop("SIGKILL");
    const third = await start();
    assert.equal((await third.stop("SIGINT")).code, 0);
  });
});
