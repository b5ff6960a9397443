import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { BusbarError } from "../../kernel/errors.ts";
import type { Journal } from "../../ports/journal.ts";
import { appendOf, newRun, nodeStarted, summaryWith, takeOverOf } from "../../testing/journal-runs.ts";
import { describeJournal } from "../../testing/journal-suite.ts";
import { createSqliteHarness } from "../../testing/sqlite-journals.ts";
import { openMemoryJournal } from "../journal-memory/journal.ts";
import { createMemoryStore } from "../journal-memory/store.ts";

describeJournal("the SQLite journal", async () => createSqliteHarness(), { stored: true });

interface Call {
  readonly kind: "create" | "append" | "takeOver" | "addRequest" | "answer";
  /** Which of two journals is called. */
  readonly by: 0 | 1;
  readonly run: "r" | "s";
  /** Added to the place and epoch that would be right. */
  readonly seqOff: number;
  readonly epochOff: number;
  readonly ended: boolean;
}

const anyCall: fc.Arbitrary<Call> = fc.record({
  kind: fc.constantFrom("create", "append", "append", "append", "takeOver", "addRequest", "answer"),
  by: fc.constantFrom(0, 1),
  run: fc.constantFrom("r", "s"),
  seqOff: fc.constantFrom(0, 0, 0, 0, 0, 1, -1),
  epochOff: fc.constantFrom(0, 0, 0, 0, 0, 1, -1),
  ended: fc.boolean(),
});

/** Makes the calls of each turn at once, and says what came of them and what can be read then. */
async function play(journals: readonly Journal[], turns: readonly (readonly Call[])[]): Promise<unknown> {
  const outcomes: unknown[] = [];
  const heads = { r: { seq: 0, epoch: 0 }, s: { seq: 0, epoch: 0 } };
  for (const turn of turns) {
    const calls = turn.map(async (call): Promise<unknown> => {
      const journal = journals[call.by];
      const head = heads[call.run];
      const [seq, epoch] = [head.seq + 1 + call.seqOff, head.epoch + call.epochOff];
      const more = { epoch, summary: summaryWith(call.ended ? "failed" : "running", { duration_ms: seq }) };
      switch (call.kind) {
        case "create":
          return journal?.create(newRun(call.run));
        case "append":
          return journal?.append(appendOf(call.run, seq, [nodeStarted("a"), nodeStarted("b")], more));
        case "takeOver":
          return journal?.takeOver(takeOverOf(call.run, seq, epoch + 1, { summary: more.summary }));
        case "addRequest":
          return journal?.addRequest({ runId: call.run, kind: "cancel", key: `k${seq}`, by: "b", at: "" });
        case "answer": {
          const answers = [{ requestId: 1 + call.seqOff, answer: { kind: "applied", seq } }] as const;
          return journal?.append(appendOf(call.run, seq, [], { ...more, answers }));
        }
      }
    });
    for (const result of await Promise.allSettled(calls)) {
      if (result.status === "fulfilled") outcomes.push(result.value ?? "ok");
      else outcomes.push(result.reason instanceof BusbarError ? result.reason.code : String(result.reason));
    }
    for (const runId of ["r", "s"] as const) {
      const record = await journals[0]?.readRun(runId);
      heads[runId] = { seq: record?.lastSeq ?? 0, epoch: record?.epoch ?? 0 };
    }
  }
  const [reader] = journals;
  const runs = (await reader?.listRuns())?.runs ?? [];
  return {
    outcomes,
    runs: runs.map(({ owner, ...run }) => ({ ...run, by: journals.findIndex((j) => j.ownerId === owner.id) })),
    events: await Promise.all(["r", "s"].map((runId) => reader?.readEvents(runId))),
    requests: await Promise.all(["r", "s"].map((runId) => reader?.readRequests(runId))),
    unanswered: await Promise.all(journals.map((journal) => journal.readUnanswered())),
    definitions: (await Promise.all(["r", "s"].map((runId) => reader?.readStored(runId)))).map(
      (stored) => stored && [...stored.definitions],
    ),
  };
}

describe("the SQLite journal", () => {
  it("does what the memory journal does, call for call", async () => {
    const turns = fc.array(fc.array(anyCall, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(turns, async (turns) => {
        // The calls of one turn go to one journal: between two, the order of a turn is nobody's promise.
        const ordered = turns.map((turn) => turn.map((call) => ({ ...call, by: turn[0]?.by ?? 0 })));
        const begun = [
          [{ kind: "create", by: 0, run: "r", seqOff: 0, epochOff: 0, ended: false }] as const,
          ...ordered,
        ];
        const store = createMemoryStore();
        const expected = await play([openMemoryJournal(store), openMemoryJournal(store)], begun);
        const harness = createSqliteHarness();
        try {
          assert.deepEqual(await play([await harness.open(), await harness.open()], begun), expected);
        } finally {
          await harness.dispose();
        }
      }),
      { numRuns: 40 },
    );
  });
});
