// Somebody who writes to a run while others read it, so that every row of it keeps changing, and what must hold
// of the run whenever it is looked at (J10).
import assert from "node:assert/strict";
import type { EventBody } from "../engine/events.ts";
import { requireText } from "../kernel/arguments.ts";
import type { Append, Journal, StoredRun } from "../ports/journal.ts";
import { appendOf, definitionWith, newRun, nodeStarted, SUCCEEDED, summaryWith } from "./journal-runs.ts";

/** Rounds of four writes each. */
const ROUNDS = 100;

/** The run before the first round; its definition is that of round 0. */
export function runToWrite(runId: string): Parameters<Journal["create"]>[0] {
  requireText("runId", runId);
  return newRun(runId, { definition: definitionOf(0), summary: summaryAt(1) });
}

/** Writes to a run of this journal: events, requests, their answers, takeovers with another workflow; at last its end. */
export async function writeRun(journal: Journal, runId: string): Promise<void> {
  let seq = 1;
  let epoch = 1;
  const next = (body: EventBody, more: Partial<Append> = {}): Append => {
    seq += 1;
    return appendOf(runId, seq, [body], { epoch, summary: summaryAt(seq), ...more });
  };
  for (let round = 1; round <= ROUNDS; round++) {
    await journal.append(next(nodeStarted(`n${round}`)));
    const { id } = await journal.addRequest({ runId, kind: "cancel", key: `k${round}`, by: "writer", at: "" });
    const answers = [{ requestId: id, answer: { kind: "applied", seq: seq + 1 } }] as const;
    await journal.append(next({ type: "run.cancel_requested", by: "writer" }, { answers }));
    const definition = definitionOf(round);
    epoch += 1;
    await journal.takeOver({
      ...next({
        ...{ type: "run.resumed", from: "interrupted", by: "writer", reset: [] },
        definition_hash: definition.hash,
      }),
      definition,
    });
  }
  await journal.append(next(SUCCEEDED));
}

/** Says of a run under `writeRun` that its parts fit together, as they do after every single write. */
export function assertOneMoment({ record, events, definitions, requests }: StoredRun): void {
  const last = events.at(-1);
  assert.deepEqual([events.length, last?.seq, last?.epoch], [record.lastSeq, record.lastSeq, record.epoch]);
  assert.deepEqual(record.summary, summaryAt(record.lastSeq));

  const named = events.flatMap((event) =>
    event.type === "run.created" || event.type === "run.resumed" ? [event.definition_hash] : [],
  );
  assert.deepEqual([...definitions.keys()], named);
  assert.equal(record.definitionHash, named.at(-1));
  assert.deepEqual(definitions.get(record.definitionHash), definitionOf(named.length - 1));
  assert.equal(record.file, definitionOf(named.length - 1).file);

  const requested = events.flatMap((event) => (event.type === "run.cancel_requested" ? [event.seq] : []));
  const applied = requests.flatMap(({ answer }) => (answer?.kind === "applied" ? [answer.seq] : []));
  assert.deepEqual(applied, requested);
}

function definitionOf(round: number) {
  return definitionWith(`{"round":${round}}`, { file: `/somewhere/${round}.json` });
}

function summaryAt(seq: number) {
  return summaryWith("running", { duration_ms: seq });
}
