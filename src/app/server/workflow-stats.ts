import type { Clock } from "../../kernel/clock.ts";
import { timestampOf } from "../../kernel/timestamp.ts";
import type { OutcomePage, Outcomes, RunOutcome } from "../../ports/run-outcomes.ts";
import type { RunReader } from "../../ports/runtime.ts";
import type { DayOutcomes, WorkflowStats } from "../../ports/workflow-stats.ts";

const DAY_MS = 86_400_000;
const COUNTED_DAYS = 365;
const RECENT = 20;
/** Outcomes that are read at once: a millisecond or two, in which nothing else happens. */
const PAGE = 1000;
/** Whoever asks does not wait for more; the rest is counted for whoever asks next. */
const PATIENCE_MS = 1000;
/** Another process may record an end a moment after it was. */
const OVERLAP_MS = 10_000;
/** Names that are counted. More come from definitions that nobody asks for by name. */
const MAX_NAMES = 10_000;

/** What the counting needs. */
export interface StatsTools {
  readonly readOutcomes: Outcomes["readOutcomes"];
  readonly list: RunReader["list"];
  readonly clock: Clock;
  /** How long one question may wait for the counting. */
  readonly patienceMs?: number;
}

type Counts = { succeeded: number; failed: number; cancelled: number };

/**
 * Counts outcomes by workflow and day, all of them once: from the time of the first question back for a year, and from
 * then on what has ended since. What is pruned afterwards stays counted as long as the process lives.
 */
export function createWorkflowStats({
  readOutcomes,
  list,
  clock,
  patienceMs = PATIENCE_MS,
}: StatsTools): WorkflowStats {
  const names = new Map<string, Map<number, Counts>>();
  /** What ended lately and is counted, so that it can be looked at again for what came late. */
  const late = new Map<string, number>();
  let latest: number | undefined;
  /** Up to where the past is counted; undefined once all of it is. */
  let earliest: OutcomePage["from"] | undefined;
  let counting: Promise<void> | undefined;

  function count({ workflow, status, ended }: RunOutcome): void {
    if (status !== "succeeded" && status !== "failed" && status !== "cancelled") return;
    let days = names.get(workflow);
    if (days === undefined) {
      if (names.size >= MAX_NAMES) return;
      days = new Map();
      names.set(workflow, days);
    }
    const day = Math.floor(ended / DAY_MS);
    const counts = days.get(day) ?? { succeeded: 0, failed: 0, cancelled: 0 };
    counts[status] += 1;
    days.set(day, counts);
  }

  /** Counts an outcome, unless it is known to be counted. */
  function countLate(outcome: RunOutcome, since: number): void {
    const key = `${outcome.n}:${outcome.ended}`;
    if (late.has(key)) return;
    if (outcome.ended >= since) late.set(key, outcome.ended);
    count(outcome);
  }

  async function countEarlier(until: number): Promise<void> {
    const oldest = clock.now() - COUNTED_DAYS * DAY_MS;
    const since = (latest ?? 0) - OVERLAP_MS;
    while (earliest !== undefined) {
      const page = await readOutcomes({ from: earliest, towards: "earlier", limit: PAGE });
      for (const outcome of page) countLate(outcome, since);
      const last = page.at(-1);
      earliest = last === undefined || page.length < PAGE || last.ended < oldest ? undefined : last;
      if (clock.monotonic() > until) return;
      await rest();
    }
  }

  async function countLater(): Promise<void> {
    const since = (latest ?? 0) - OVERLAP_MS;
    let from: OutcomePage["from"] = { ended: since - 1, n: Number.MAX_SAFE_INTEGER };
    for (;;) {
      const page = await readOutcomes({ from, towards: "later", limit: PAGE });
      for (const outcome of page) countLate(outcome, since);
      const last = page.at(-1);
      if (last === undefined || page.length < PAGE) break;
      from = last;
      await rest();
    }
    latest = Math.max(latest ?? 0, clock.now());
    for (const [key, ended] of late) if (ended < latest - OVERLAP_MS) late.delete(key);
  }

  async function countNow(): Promise<void> {
    const now = clock.now();
    if (latest === undefined) {
      latest = now;
      earliest = { ended: now, n: Number.MAX_SAFE_INTEGER };
    }
    await countEarlier(clock.monotonic() + patienceMs);
    // What ended lately has been counted by the way back, as far as that has come.
    if (earliest === undefined || earliest.ended < latest - OVERLAP_MS) await countLater();
  }

  const rest = (): Promise<void> => new Promise((resolve) => clock.after(0, resolve));

  return {
    async of(workflow) {
      counting ??= countNow().finally(() => {
        counting = undefined;
      });
      await counting;
      const { runs } = await list({ workflow, ended: true, limit: RECENT });
      const today = Math.floor(clock.now() / DAY_MS);
      return {
        days: daysOf(names.get(workflow), today - COUNTED_DAYS),
        ...(earliest === undefined ? {} : { counted_since: timestampOf(earliest.ended) }),
        recent: runs.map(({ run_id, status, created_at, ended_at, duration_ms }) => ({
          run_id,
          status,
          created_at,
          ...(ended_at === undefined ? {} : { ended_at }),
          ...(duration_ms === undefined ? {} : { duration_ms }),
        })),
      };
    },
  };
}

/** The days after one, in order; those before it are forgotten. */
function daysOf(days: Map<number, Counts> | undefined, after: number): readonly DayOutcomes[] {
  for (const day of days?.keys() ?? []) if (day <= after) days?.delete(day);
  return [...(days ?? [])]
    .toSorted(([a], [b]) => a - b)
    .map(([day, counts]) => ({ day: timestampOf(day * DAY_MS).slice(0, 10), ...counts }));
}
