import { readdirSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { openSqliteJournal } from "../../src/adapters/journal-sqlite/journal.ts";
import { createSystemClock } from "../../src/adapters/system/clock.ts";
import { createSystemIds } from "../../src/adapters/system/ids.ts";
import { BusbarError } from "../../src/kernel/errors.ts";
import { decodePlace, type FeedItem } from "../../src/ports/feed.ts";
import type { StoredRun } from "../../src/ports/journal.ts";
import { newRun } from "../../src/testing/journal-runs.ts";
import type { EarlierRuns } from "./earlier-runs.ts";
import { withReader } from "./place.ts";

type History = Pick<StoredRun, "events" | "definitions" | "requests">;

/** Everything that is stored of these runs; of one that is not there, nothing. */
export function readHistories(stateDir: string, runIds: readonly string[]): Promise<ReadonlyMap<string, History>> {
  return withReader(stateDir, async (reader) => {
    const histories = new Map<string, History>();
    for (const runId of runIds) {
      const stored = await reader.readStored(runId);
      if (stored === undefined) continue;
      const { events, definitions, requests } = stored;
      histories.set(runId, { events, definitions, requests });
    }
    return histories;
  });
}

export interface PruneEvidence {
  readonly stateDir: string;
  readonly earlier: EarlierRuns;
  /** What was stored of the earlier runs before the first prune. */
  readonly written: ReadonlyMap<string, History>;
  /** How many of the ended ones are to be there. */
  readonly stay: number;
}

/** What is wrong after prunes that were killed, and one that was not. */
export async function findPruneFaults({ stateDir, earlier, written, stay }: PruneEvidence): Promise<readonly string[]> {
  const faults: string[] = [];
  const gone = earlier.ended.slice(0, -stay);
  const left = [...earlier.ended.slice(-stay), ...earlier.unfinished];
  const now = await readHistories(stateDir, [...written.keys()]);
  for (const runId of gone) if (now.has(runId)) faults.push(`${runId} was to be pruned, and is there`);
  for (const runId of left) {
    if (!isDeepStrictEqual(now.get(runId), written.get(runId)))
      faults.push(`${runId} was to stay as it was, and did not`);
  }
  const logs = readdirSync(join(stateDir, "run-logs")).toSorted();
  if (!isDeepStrictEqual(logs, left.toSorted())) faults.push(`there are logs of ${logs}, of ${left} there should be`);
  return [...faults, ...(await findUsedAgain(stateDir, gone))];
}

/** Ids of pruned runs that are not refused. */
async function findUsedAgain(stateDir: string, gone: readonly string[]): Promise<readonly string[]> {
  const owner = { clock: createSystemClock(), ids: createSystemIds(), pid: process.pid, host: hostname() };
  const journal = await openSqliteJournal({ stateDir, ...owner });
  try {
    const faults: string[] = [];
    const unswept = await journal.readUnswept();
    if (unswept.length > 0) faults.push(`the logs of ${unswept} are said to be there still`);
    for (const runId of gone) {
      const refusal = await journal.create(newRun(runId)).then(
        () => "nothing",
        (thrown) => (thrown instanceof BusbarError ? thrown.code : String(thrown)),
      );
      if (refusal !== "RUN_EXISTS")
        faults.push(`${runId} was pruned, and ${refusal} keeps its id from being used again`);
    }
    return faults;
  } finally {
    await journal.close();
  }
}

/** What is wrong with a feed from the beginning to the end, beside prunes. */
export async function findFeedFaults(stateDir: string, items: readonly FeedItem[]): Promise<readonly string[]> {
  const faults: string[] = [];
  const given = new Map<string, unknown[]>();
  let last = 0;
  let isReset = false;
  for (const item of items) {
    if (item.kind === "reset" && item.reason === "pruned") isReset = true;
    else if (item.kind !== "event") faults.push(`the feed says ${JSON.stringify(item)}`);
    if (item.kind !== "event") continue;
    const { pos } = decodePlace(item.cursor);
    if (pos <= last) faults.push(`the feed gives position ${pos} after ${last}`);
    last = pos;
    const { run_id, seq } = item.event;
    const events = given.get(run_id) ?? [];
    given.set(run_id, events);
    events.push(item.event);
    if (seq !== events.length) faults.push(`the feed gives event ${seq} of ${run_id}, ${events.length} is next`);
  }
  const runIds = await withReader(stateDir, async (reader) => (await reader.listRuns()).runs.map(({ runId }) => runId));
  for (const [runId, { events }] of await readHistories(stateDir, runIds)) {
    if (!isDeepStrictEqual(given.get(runId), events)) faults.push(`the feed does not give ${runId} as it is`);
  }
  const isWhole = [...given.values()].every((events) => isEnded(events.at(-1)));
  if (!isWhole && !isReset && runIds.length === given.size) faults.push("the feed does not say that runs were pruned");
  return faults;
}

function isEnded(event: unknown): boolean {
  return String((event as { readonly type?: string } | undefined)?.type).startsWith("run.");
}
