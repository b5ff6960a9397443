import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { RunEvent } from "../../engine/events.ts";
import { createSteppingClock } from "../../kernel/clock.ts";
import { appendOf, summaryWith } from "../../testing/journal-runs.ts";
import type { Admin } from "./admin.ts";
import type { Ingress, Target } from "./ingress.ts";
import { createClusterRequester } from "./requester.ts";
import type { EventsInput, StoredHead } from "./wire.ts";

const ADMIN: Admin = {
  query: () => Promise.reject(new Error("nothing is listed here")),
} as Partial<Admin> as Admin;

const HEAD: StoredHead = {
  ...{ definitionHash: "", summary: summaryWith("succeeded"), lastSeq: 6, epoch: 1, pages: 3, tail: [] },
  ...{ invocation: "inv_1", token: "t", drivenSince: "" },
};

/** Six events on three pages, of which some are not there. */
function createRig(lost: readonly number[]) {
  const bodies = Array.from({ length: 6 }, () => ({ type: "run.started" }) as const);
  const kept = appendOf("r", 1, bodies).events.filter(({ seq }) => !lost.includes(seq));
  let calls = 0;
  let isDeleted = false;
  const answer = (handler: string, input: unknown): unknown => {
    if (handler === "list") return [];
    if (handler === "head") return isDeleted ? null : HEAD;
    if (handler === "rest") return { head: HEAD, definitions: [], answers: [] };
    const { afterSeq, limit } = input as EventsInput;
    const events: readonly RunEvent[] = kept.filter(({ seq }) => seq > afterSeq).slice(0, limit);
    return { head: HEAD, events };
  };
  const ingress: Ingress = {
    url: "http://restate:8080",
    async call<T>({ handler }: Target, input?: unknown): Promise<T> {
      calls += 1;
      assert.ok(calls < 20, "it asks again and again");
      return answer(handler, input) as T;
    },
    submit: () => Promise.reject(new Error("nothing is submitted here")),
    outputOf: async () => ({ kind: "unknown" }),
  };
  return {
    journal: createClusterRequester(ingress, ADMIN, createSteppingClock()),
    delete: () => {
      isDeleted = true;
    },
  };
}

describe("a run of a cluster that lacks a page", () => {
  for (const { what, lost, seq } of [
    { what: "the first", lost: [1, 2], seq: 1 },
    { what: "one between", lost: [3, 4], seq: 3 },
    { what: "the last", lost: [5, 6], seq: 5 },
    { what: "all", lost: [1, 2, 3, 4, 5, 6], seq: 1 },
  ]) {
    it(`is damaged, and nobody waits for what is missing: ${what}`, async () => {
      const { journal } = createRig(lost);
      const damaged = { code: "JOURNAL_DAMAGED", details: { run_id: "r", seq } };
      await assert.rejects(journal.readStored("r"), damaged);
      await assert.rejects(journal.readEvents("r"), damaged);
    });
  }

  it("is not there where it was deleted while it was read", async () => {
    const rig = createRig([3, 4]);
    rig.delete();
    assert.equal(await rig.journal.readStored("r"), undefined);
    assert.deepEqual(await rig.journal.readEvents("r"), []);
  });

  it("is read whole where nothing is missing, and in parts", async () => {
    const { journal } = createRig([]);
    const seqsOf = (events: readonly RunEvent[] = []) => events.map(({ seq }) => seq);
    assert.deepEqual(seqsOf((await journal.readStored("r"))?.events), [1, 2, 3, 4, 5, 6]);
    assert.deepEqual(seqsOf(await journal.readEvents("r", 2, 3)), [3, 4, 5]);
    assert.deepEqual(seqsOf(await journal.readEvents("r", 6)), []);
    assert.deepEqual(seqsOf(await journal.readEvents("r", 9)), []);
  });

  it("tells of what is there before the gap to whoever asks for no more", async () => {
    const { journal } = createRig([5, 6]);
    assert.equal((await journal.readEvents("r", 0, 4)).length, 4);
  });
});
