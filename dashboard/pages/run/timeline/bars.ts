// What stands in a row of the timeline: pure, from the state of a run to spans of time.
import type { AttemptRecord, NodeState } from "../../../../src/engine/state.ts";
import type { AttemptOutcome } from "../../../../src/engine/status.ts";

/** A span of a node's row, in milliseconds since the epoch; `until` is never before `from`. */
export type Bar =
  | {
      readonly kind: "attempt";
      readonly attempt: number;
      readonly from: number;
      readonly until: number;
      /** `running`: it has not ended at the instant that is shown. */
      readonly outcome: AttemptOutcome | "running";
    }
  | { readonly kind: "wait"; readonly from: number; readonly until: number };

/** What bars are made of. */
type BarredNode = Pick<NodeState, "status"> & { readonly attempts: readonly AttemptRecord[] };

/**
 * The attempts of a node, and the waits between them that a retry policy made. What lies between the end of a run and
 * its resume is no wait.
 *
 * @param at the instant that is shown: nothing reaches beyond it
 */
export function barsOf(node: BarredNode, at: number): readonly Bar[] {
  const bars: Bar[] = [];
  for (const [index, attempt] of node.attempts.entries()) {
    const { from, until } = spanOf(attempt, at);
    bars.push({ kind: "attempt", attempt: attempt.attempt, from, until, outcome: attempt.outcome ?? "running" });
    if (attempt.retryAt === undefined) continue;
    const next = node.attempts[index + 1];
    if (next === undefined && node.status !== "waiting") continue;
    const end = next === undefined ? at : Math.min(at, Date.parse(next.startedAt));
    if (end > until) bars.push({ kind: "wait", from: until, until: end });
  }
  return bars;
}

/** A row with more bars than this could not show them apart anyway. */
const MANY = 200;

/**
 * The bars that are drawn of a row: those that are looked at, and of very many those together that touch each other.
 * A failed attempt is seen whatever it stands beside.
 *
 * @param leastMs what is closer together than this cannot be told apart
 */
export function drawnBars(bars: readonly Bar[], from: number, until: number, leastMs: number): readonly Bar[] {
  const seen = bars.filter((bar) => bar.until >= from && bar.from <= until);
  if (seen.length <= MANY) return seen;
  const drawn: Bar[] = [];
  for (const bar of seen) {
    const before = drawn.at(-1);
    const isNew = before === undefined || bar.from - before.until >= leastMs || bar.until - bar.from >= leastMs;
    if (isNew) drawn.push(bar);
    else drawn[drawn.length - 1] = joined(before, bar);
  }
  return drawn;
}

/** Two bars as one: what failed outdoes what did not, and an attempt a wait. */
function joined(a: Bar, b: Bar): Bar {
  const until = Math.max(a.until, b.until);
  const isOutdone = a.kind === "wait" || (b.kind === "attempt" && a.outcome === "succeeded");
  return isOutdone ? { ...b, from: a.from, until } : { ...a, until };
}

/** From when to when an attempt was made, as far as `at` shows of it. */
export function spanOf(attempt: AttemptRecord, at: number): { readonly from: number; readonly until: number } {
  const from = Math.min(at, Date.parse(attempt.startedAt));
  const end = attempt.outcome === undefined ? at : from + (attempt.durationMs ?? 0);
  return { from, until: Math.max(from, Math.min(at, end)) };
}

/** Milliseconds for which a node has been at work, and for which it has waited to be tried again. */
export function timesOf(bars: readonly Bar[]): { readonly workMs: number; readonly waitMs: number } {
  let [workMs, waitMs] = [0, 0];
  for (const bar of bars) {
    if (bar.kind === "attempt") workMs += bar.until - bar.from;
    else waitMs += bar.until - bar.from;
  }
  return { workMs, waitMs };
}
