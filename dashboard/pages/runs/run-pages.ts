// A list of runs that grows downwards as pages are asked for, and changes above as runs go on.
import type { RunList, RunListing } from "../../api/shapes.ts";

/** As many as a page has, and as many as the server gives at once. */
export const PAGE = 50;
export const MAX_AT_ONCE = 500;
/** A list that has grown to so many begins anew. */
const MAX_KEPT = 5_000;

/** What is there of a list. */
export interface RunPages {
  /** Newest first. */
  readonly runs: readonly RunListing[];
  readonly damaged: RunList["damaged"];
  /** Where it goes on, if it does. */
  readonly next?: string;
}

/** How many to ask for, so that all of what is shown is read anew. */
export function depthOf({ runs }: RunPages): number {
  return Math.min(MAX_AT_ONCE, Math.max(PAGE, runs.length));
}

/**
 * Takes the beginning of the list as it is now. What is below it stays as it was, as long as the two meet; a run that
 * is as it was stays the same object, so that its row is not drawn anew.
 */
export function takeBeginning(known: RunPages | undefined, fresh: RunList): RunPages {
  if (known === undefined) return fresh;
  const before = new Map(known.runs.map((run) => [run.run_id, run]));
  const runs = fresh.runs.map((run) => {
    const old = before.get(run.run_id);
    return old !== undefined && JSON.stringify(old) === JSON.stringify(run) ? old : run;
  });
  const last = fresh.runs.at(-1)?.run_id;
  const meets = fresh.next === undefined ? -1 : known.runs.findIndex(({ run_id }) => run_id === last);
  // A list that is left open does not grow: what new runs push out below can be read on for. What was read on for
  // stays, within bounds.
  const isEnough = fresh.runs.length >= known.runs.length && known.runs.length <= PAGE;
  const below = meets === -1 || isEnough || known.runs.length >= MAX_KEPT ? [] : known.runs.slice(meets + 1);
  if (below.length === 0) return { ...fresh, runs };
  const { next: _, ...rest } = fresh;
  return { ...rest, runs: [...runs, ...below], ...(known.next === undefined ? {} : { next: known.next }) };
}

/** Puts the page that follows below what is there. */
export function takeNext(known: RunPages, page: RunList): RunPages {
  const there = new Set(known.runs.map(({ run_id }) => run_id));
  const { next: _, ...rest } = known;
  return {
    ...rest,
    runs: [...known.runs, ...page.runs.filter(({ run_id }) => !there.has(run_id))],
    damaged: [...known.damaged, ...page.damaged],
    ...(page.next === undefined ? {} : { next: page.next }),
  };
}
