import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import type { EventBody, RunEvent } from "../../../src/engine/events.ts";
import { until } from "../../../src/testing/until.ts";
import type { ApiClient } from "../../api/client.ts";
import { createLiveRun, type LiveRun, stateOf } from "./live-run.ts";

const ALL = eventsOf(
  { type: "run.created", definition_hash: "sha256:1", params: {}, busbar_version: "0.2.0" },
  { type: "run.started" },
  ...[1, 2, 3, 4].flatMap((n): EventBody[] => [
    { type: "node.started", node_id: `n${n}`, attempt: 1, idempotency_key: `r1/n${n}/1`, request: {} },
    { type: "node.succeeded", node_id: `n${n}`, attempt: 1, output: {}, duration_ms: 1 },
  ]),
  { type: "run.succeeded", duration_ms: 9 },
);

/** A server that has recorded so many of the events, and counts what it is asked. */
function serverWith(recorded: number) {
  const server = {
    recorded,
    kind: "under_way",
    hash: "sha256:1",
    asked: [] as string[],
    /** Called before each answer. */
    meanwhile: (_path: string): void => undefined,
    fails: undefined as unknown,
  };
  const api = {
    async call(_method: string, path: string, { query }: { query?: { after: number } }): Promise<unknown> {
      server.asked.push(path.replace("/api/v1/runs/{run_id}", "run"));
      await Promise.resolve();
      if (server.fails !== undefined) throw server.fails;
      const answer = structuredClone(answerTo(path, query?.after ?? 0));
      server.meanwhile(path);
      return answer;
    },
  } as unknown as ApiClient;
  function answerTo(path: string, after: number): unknown {
    const explanation = { reason: { kind: server.kind }, nodes: [], limits: [], called_again: [] };
    if (path.endsWith("/events")) {
      const events = ALL.slice(after, Math.min(server.recorded, after + 3));
      return { events, ...(events.length === 3 ? { next: after + 3 } : {}) };
    }
    if (path.endsWith("/explain")) return explanation;
    const nodes = [1, 2, 3, 4].map((n) => ({ id: `n${n}`, upstream: n === 1 ? [] : [`n${n - 1}`] }));
    return { run_id: "r1", workflow: "w", definition_hash: server.hash, nodes, explanation };
  }
  return { server, api };
}

describe("a run that its page follows", () => {
  let live: LiveRun;
  let close = (): void => undefined;
  afterEach(() => close());

  function open(api: ApiClient): void {
    live = createLiveRun(api, "r1");
    close = live.open();
  }

  it("is read once, page by page, and then only told", async () => {
    const { server, api } = serverWith(7);
    open(api);
    await until(() => countOf(live) === 7);
    assert.deepEqual(server.asked, ["run", "run/events", "run/events", "run/events"]);
    for (const event of ALL.slice(7)) live.hear(item(event));
    await until(() => countOf(live) === ALL.length);
    assert.equal(statusOf(live), "succeeded");
    // The explanation is asked for once, however many events came at once.
    await until(() => server.asked.length > 4);
    assert.equal(server.asked.filter((path) => path === "run/events").length, 3);
    assert.equal(server.asked.filter((path) => path === "run/explain").length, 1);
  });

  it("has what came with the feed while it was read", async () => {
    const { server, api } = serverWith(4);
    server.meanwhile = (path) => {
      if (!path.endsWith("/events")) return;
      server.meanwhile = () => undefined;
      for (const event of ALL.slice(4, 6)) live.hear(item(event));
      server.recorded = 4;
    };
    open(api);
    await until(() => countOf(live) === 6);
    assert.deepEqual(seqs(live), [1, 2, 3, 4, 5, 6]);
  });

  it("reads again where the feed begins while it is read: what was recorded in between is told by neither", async () => {
    const { server, api } = serverWith(4);
    server.meanwhile = (path) => {
      if (!path.endsWith("/events")) return;
      server.meanwhile = () => undefined;
      server.recorded = 5;
      live.hear({ kind: "now", cursor: "e0.0.0" });
    };
    // The page of 3 is followed by one of 1, which is asked for before the event is recorded.
    server.recorded = 2;
    open(api);
    await until(() => countOf(live) === 5);
  });

  it("reads what it has missed where an event does not follow", async () => {
    const { server, api } = serverWith(3);
    open(api);
    await until(() => countOf(live) === 3);
    server.recorded = 8;
    live.hear(item(ALL[7] as RunEvent));
    await until(() => countOf(live) === 8);
    assert.deepEqual(seqs(live), [1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it("leaves out events of other runs, and what it has", async () => {
    const { api } = serverWith(5);
    open(api);
    await until(() => countOf(live) === 5);
    live.hear(item({ ...(ALL[5] as RunEvent), run_id: "r2" }));
    live.hear(item(ALL[2] as RunEvent));
    live.hear(item(ALL[5] as RunEvent));
    await until(() => countOf(live) === 6);
  });

  it("reads all anew after a reset, and shows meanwhile what it had", async () => {
    const { server, api } = serverWith(5);
    open(api);
    await until(() => countOf(live) === 5);
    server.recorded = 9;
    live.hear({ kind: "reset", cursor: "e0.0.0", reason: "unknown" });
    assert.equal(countOf(live), 5);
    await until(() => countOf(live) === 9);
  });

  it("folds onto the nodes of another definition when it is resumed with one", async () => {
    const { server, api } = serverWith(4);
    open(api);
    await until(() => countOf(live) === 4);
    const before = live.snapshot().history;
    server.hash = "sha256:2";
    server.recorded = 5;
    const body: EventBody = {
      ...{ type: "run.resumed", from: "failed", by: "me", reset: [], definition_hash: "sha256:2" },
    };
    live.hear(item({ ...(ALL[4] as RunEvent), ...body }));
    await until(() => live.snapshot().history !== before);
    assert.equal(live.snapshot().run?.definition_hash, "sha256:2");
  });

  it("keeps what is shown where the server does not answer", async () => {
    const { server, api } = serverWith(5);
    open(api);
    await until(() => countOf(live) === 5);
    server.fails = new TypeError("fetch failed");
    live.look();
    await until(() => live.snapshot().thrown !== undefined);
    assert.equal(countOf(live), 5);
    server.fails = undefined;
    live.look();
    await until(() => live.snapshot().thrown === undefined);
  });

  it("is found to be deleted when it is looked at, also where it had ended: no event tells of that", async () => {
    const { server, api } = serverWith(ALL.length);
    server.kind = "ended";
    open(api);
    await until(() => statusOf(live) === "succeeded");
    const { revision } = live.snapshot();
    live.look();
    await until(() => server.asked.includes("run/explain"));
    server.fails = Object.assign(new Error("gone"), { problem: { code: "RUN_NOT_FOUND" } });
    live.look();
    await until(() => live.snapshot().thrown !== undefined);
    assert.equal(live.snapshot().revision, revision + 1, "nothing is drawn anew where nothing has changed");
    assert.equal(statusOf(live), "succeeded");
  });

  it("is read as soon as it can be where it could not at first: when it is looked at, or told of", async () => {
    for (const again of [() => live.look(), () => live.hear(item(ALL[4] as RunEvent))]) {
      const { server, api } = serverWith(5);
      server.fails = new TypeError("fetch failed");
      open(api);
      await until(() => live.snapshot().thrown !== undefined);
      server.fails = undefined;
      again();
      await until(() => countOf(live) === 5);
      assert.equal(live.snapshot().thrown, undefined);
      close();
    }
  });

  it("asks for the whole of it where its owner has gone, which no event tells", async () => {
    const { server, api } = serverWith(5);
    open(api);
    await until(() => countOf(live) === 5);
    server.kind = "interrupted";
    live.look();
    await until(() => live.snapshot().run?.explanation.reason.kind === "interrupted");
    assert.equal(server.asked.filter((path) => path === "run").length, 2);
  });
});

function countOf(live: LiveRun): number | undefined {
  return live.snapshot().history?.events.length;
}

function seqs(live: LiveRun): readonly number[] | undefined {
  return live.snapshot().history?.events.map(({ seq }) => seq);
}

function statusOf(live: LiveRun): string | undefined {
  const { history } = live.snapshot();
  return history === undefined ? undefined : stateOf(history).status;
}

function item(event: RunEvent) {
  return { kind: "event", cursor: "e0.0.0", event } as const;
}

function eventsOf(...bodies: readonly EventBody[]): readonly RunEvent[] {
  return bodies.map((body, index) => ({
    ...{ seq: index + 1, at: new Date(Date.UTC(2026, 10, 26, 10) + index * 1000).toISOString() },
    ...{ run_id: "r1", epoch: 1 },
    ...body,
  }));
}
