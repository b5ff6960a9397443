// Which runs go, and how they go, over the ports.
import { setImmediate } from "node:timers/promises";
import type { Clock } from "../../kernel/clock.ts";
import { BusbarError, type ErrorInfo } from "../../kernel/errors.ts";
import { timestampOf } from "../../kernel/timestamp.ts";
import type { JournalReader, RunRecord } from "../../ports/journal.ts";
import type { Retention } from "../../ports/retention.ts";
import type { RunOrigin } from "../../ports/run-facts.ts";
import type { RunFilter } from "../../ports/run-filter.ts";
import type { RunLogs } from "../../ports/run-logs.ts";

/** Which ended runs go: those that any of it says. Runs that have not ended never go. */
export interface PruneOptions {
  /** Those that ended longer ago. */
  readonly olderThanMs?: number;
  /** All but so many of the newest ended ones. */
  readonly keep?: number;
  /** The oldest ended ones, until journal and logs together take no more than so many bytes. */
  readonly maxBytes?: number;
  /** Only those that it started; then it is their bytes that count, and how many they are. */
  readonly origin?: RunOrigin;
  /** Says what would go, and changes nothing. */
  readonly dryRun?: boolean;
}

/** A run that went, or would go; as in `--json` output, hence snake_case. */
export interface PrunedRun {
  readonly run_id: string;
  /** In journal and logs. */
  readonly bytes: number;
}

export interface PruneTools {
  readonly journal: Pick<JournalReader, "listRuns"> & Retention;
  readonly logs: Pick<RunLogs, "remove" | "size">;
  readonly clock: Clock;
  /** Told of runs that cannot be pruned because they are damaged; they stay. */
  readonly onDamage: (error: ErrorInfo) => void;
}

/** Read at once: enough to be quick, few enough for the event loop. */
const PAGE = 200;

/**
 * Deletes ended runs with their logs, the oldest first, each in a transaction of its own; then gives their space back.
 * @throws BusbarError JOURNAL_…
 */
export async function* prune(tools: PruneTools, options: PruneOptions): AsyncGenerator<PrunedRun> {
  const { journal, logs, dryRun = false } = { ...tools, ...options };
  if (!dryRun) await sweepLogs(tools);
  let pruned = 0;
  try {
    for await (const { runId, bytes } of goingRuns(tools, options)) {
      if (!dryRun && !(await pruneOne(tools, runId))) continue;
      pruned += dryRun ? 0 : 1;
      yield { run_id: runId, bytes };
    }
  } finally {
    if (pruned > 0) {
      await sweepLogs({ journal, logs });
      await journal.giveBack();
    }
  }
}

/**
 * Deletes one run that has ended, with its logs.
 * @returns false where it has not ended, or is still told of
 * @throws BusbarError JOURNAL_…
 */
export async function pruneRun(tools: Pick<PruneTools, "journal" | "logs" | "clock">, runId: string): Promise<boolean> {
  const { journal, clock } = tools;
  if (!(await journal.prune(runId, timestampOf(clock.now())))) return false;
  await sweepLogs(tools);
  await journal.giveBack();
  return true;
}

/** Logs go after their run is gone for good: whoever was stopped between the two is made up for here. */
async function sweepLogs({ journal, logs }: Pick<PruneTools, "journal" | "logs">): Promise<void> {
  const unswept = await journal.readUnswept();
  for (const runId of unswept) await logs.remove(runId);
  if (unswept.length > 0) await journal.noteSwept(unswept);
}

async function pruneOne({ journal, clock, onDamage }: PruneTools, runId: string): Promise<boolean> {
  try {
    return await journal.prune(runId, timestampOf(clock.now()));
  } catch (thrown) {
    if (!(thrown instanceof BusbarError) || thrown.code !== "JOURNAL_DAMAGED") throw thrown;
    onDamage(thrown.toInfo());
    return false;
  }
}

interface Going {
  readonly runId: string;
  readonly bytes: number;
}

/** The oldest first. */
async function* goingRuns(tools: PruneTools, options: PruneOptions): AsyncGenerator<Going> {
  const { clock } = tools;
  const going = new Set<string>();
  const { olderThanMs, keep, maxBytes, origin } = options;
  const ours = origin === undefined ? {} : { origin };
  if (olderThanMs !== undefined) {
    const endedBefore = timestampOf(Math.max(0, clock.now() - olderThanMs));
    for await (const { runId } of listAll(tools, { ...ours, endedBefore })) going.add(runId);
  }
  let total = maxBytes === undefined ? 0 : await bytesOf(tools, ours, maxBytes);
  const ended: string[] = [];
  if (keep !== undefined || (maxBytes !== undefined && total > maxBytes)) {
    for await (const { runId } of listAll(tools, { ...ours, ended: true })) ended.push(runId);
  }
  for (const runId of keep === undefined ? [] : ended.slice(keep)) going.add(runId);
  // Of a list that is not asked for, the order in which they were found is the order of the journal too.
  const candidates = ended.length > 0 ? ended : [...going];
  for (const runId of candidates.toReversed()) {
    const isTooMuch = maxBytes !== undefined && total > maxBytes;
    if (!isTooMuch && !going.has(runId)) continue;
    const bytes = await sizeOf(tools, runId);
    total -= bytes;
    yield { runId, bytes };
  }
}

/** Of all that is there; of some runs only, where there is more of everything than may be of them. */
async function bytesOf(tools: PruneTools, which: RunFilter, atMost: number): Promise<number> {
  const all = await sizeOf(tools);
  if (which.origin === undefined || all <= atMost) return all;
  let bytes = 0;
  for await (const { runId } of listAll(tools, which)) bytes += await sizeOf(tools, runId);
  return bytes;
}

async function sizeOf({ journal, logs }: PruneTools, runId?: string): Promise<number> {
  return (await journal.readSize(runId)) + (await logs.size(runId));
}

/** Others have their turn between two pages. */
async function* listAll({ journal, onDamage }: PruneTools, filter: RunFilter): AsyncGenerator<RunRecord> {
  let before: string | undefined;
  for (;;) {
    const page = await journal.listRuns({ ...filter, limit: PAGE, ...(before === undefined ? {} : { before }) });
    for (const error of page.damaged) onDamage(error);
    yield* page.runs;
    before = page.next;
    if (before === undefined) return;
    await setImmediate();
  }
}
