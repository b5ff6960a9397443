// Two clients that want different things of one run at the same moment: one of them has its way, and both are told which.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setImmediate } from "node:timers/promises";
import type { RunEvent } from "../src/engine/events.ts";
import { createJsonLog, type RunningService, serve } from "../src/service/index.ts";
import { until } from "../src/testing/until.ts";
import { pairOf } from "./serve/pair.ts";
import { type Reply, type Serving, startServing } from "./serve/serving.ts";

/** Turns of the event loop by which one is earlier than the other. */
const LEADS = [-200, -100, -50, -25, ...Array.from({ length: 16 }, (_, index) => index - 8), 25, 50, 100, 200];

describe("clients of one run at the same moment", () => {
  let serving: Serving;
  let service: RunningService;
  /** Lets the last node of a run end. */
  const gates = new Map<string, () => void>();
  before(async () => {
    serving = await startServing();
    service = await serve({
      name: "gated",
      port: 0,
      signals: [],
      log: createJsonLog("gated", () => undefined),
      execute: (request, { runId = "" }) =>
        request.inputFile === "x" ? "done" : new Promise((resolve) => gates.set(runId, () => resolve("done"))),
    });
  });
  after(async () => {
    await serving.close();
    await service.close(0);
  });

  const untilGated = async (runId: string): Promise<void> => {
    await until(() => gates.has(runId));
  };
  const startGated = async (runId: string): Promise<void> => {
    const started = await serving.call("POST", "/runs", { definition: pairOf(service.address), run_id: runId });
    assert.equal(started.status, 201);
    await untilGated(runId);
  };
  const turns = async (count: number): Promise<void> => {
    for (let turn = 0; turn < count; turn += 1) await setImmediate();
  };
  const eventsOf = async (runId: string): Promise<readonly RunEvent[]> =>
    (await serving.call("GET", `/runs/${runId}/events`)).body.events;

  for (const kind of ["cancel", "pause"] as const) {
    it(`${kind} a run that ends: it is done or refused, and the history says the same to all`, async () => {
      const results = new Set<string>();
      for (const lead of LEADS) {
        const runId = `${kind}${lead}`;
        await startGated(runId);
        const watching = serving.call("GET", `/runs/${runId}/wait`);
        const [reply] = await Promise.all([
          turns(-lead).then(() => serving.call("POST", `/runs/${runId}/${kind}`, {})),
          turns(lead).then(() => gates.get(runId)?.()),
        ]);
        const { end } = (await watching).body;
        const events = await eventsOf(runId);
        const asked = events.find(({ type }) => type === (kind === "cancel" ? "run.cancel_requested" : "run.paused"));
        assert.deepEqual(end, events.at(-1));
        assert.equal(
          asked?.seq,
          seqOf(reply),
          JSON.stringify([reply.status, reply.body, events.map(({ type }) => type)]),
        );
        if (asked === undefined) assert.equal(end?.type, "run.succeeded");
        results.add(asked === undefined ? "refused" : "applied");
      }
      assert.deepEqual([...results].sort(), ["applied", "refused"]);
    });
  }

  it("ask twice for the same with one key: one request, one answer for both", async () => {
    await startGated("twice");
    const body = { key: "same" };
    const replies = await Promise.all([1, 2, 3].map(() => serving.call("POST", "/runs/twice/pause", body)));
    assert.deepEqual(new Set(replies.map((reply) => JSON.stringify([reply.status, reply.body]))).size, 1);
    const events = await eventsOf("twice");
    assert.equal(events.filter(({ type }) => type === "run.paused").length, 1);
    gates.get("twice")?.();
    await serving.call("GET", "/runs/twice/wait");
  });

  it("resume a run at once: one of them does, the others are told that it goes on already", async () => {
    await startGated("resumed");
    await serving.call("POST", "/runs/resumed/cancel", {});
    await serving.call("GET", "/runs/resumed/wait");
    gates.delete("resumed");
    const replies = await Promise.all([1, 2, 3].map(() => serving.call("POST", "/runs/resumed/resume", {})));
    assert.deepEqual(replies.map(({ status }) => status).sort(), [200, 409, 409]);
    for (const { status, body } of replies) if (status === 409) assert.equal(body.code, "RUN_OWNED");
    assert.equal((await eventsOf("resumed")).filter(({ type }) => type === "run.resumed").length, 1);
    await untilGated("resumed");
    gates.get("resumed")?.();
    assert.equal((await serving.call("GET", "/runs/resumed/wait")).body.end.type, "run.succeeded");
  });
});

/** `seq` of the event that followed; undefined where the request came too late, in either way that it is told. */
function seqOf({ status, body }: Reply): number | undefined {
  if (status === 200 && body.kind === "applied") return body.seq;
  const code = status === 200 ? body.error.code : body.code;
  assert.equal(code, "RUN_ALREADY_ENDED");
  return undefined;
}
