import type { Clock } from "../../kernel/clock.ts";
import { BusbarError } from "../../kernel/errors.ts";
import { isBusy } from "./sqlite-errors.ts";
import type { Writes } from "./writes.ts";

/** How long a locked database is tried again before the caller hears of it. */
export const MAX_BUSY_MS = 10_000;

/** Between tries: 1, 2, 4 … up to this many milliseconds. */
const MAX_BUSY_STEP_MS = 50;

/** Turns of the event loop that a transaction waits for more, while each brings some. */
const MAX_MORE_TURNS = 2;

/** The wait before try `tries` + 1, in milliseconds. */
export function busyWaitMs(tries: number): number {
  return Math.min(2 ** (tries - 1), MAX_BUSY_STEP_MS);
}

export interface GroupCommit {
  /** Runs a step for a run in the next transaction; resolves with its result once that is durable. */
  submit<T>(runId: string, step: (writes: Writes) => T): Promise<T>;
  /** Resolves when nothing waits. */
  settled(): Promise<void>;
}

/** A step that waits for its transaction, and who waits for the step. */
interface Submission {
  readonly runId: string;
  readonly step: (writes: Writes) => unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** Whether a flush is due: none, one in this turn of the event loop or the next ones, or one after a wait for the database's lock. */
type State =
  | { readonly is: "idle" }
  | { readonly is: "scheduled" }
  /** `sinceMs` is monotonic. */
  | { readonly is: "locked"; readonly sinceMs: number; readonly tries: number };

type StepResult = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: BusbarError };

/**
 * Collects what is submitted in one turn of the event loop and writes it in one
 * transaction: one fsync for all. Flushed by one setImmediate, not by a
 * microtask: node:http2 delivers each reply in a microtask checkpoint of its own,
 * so that each would get its own fsync. Where the last transaction was of several, a turn or two more are waited for
 * while each brings something: replies that came while others were read. A run that was alone in the last transaction
 * waits for nobody: its next call leaves before the last one is cleared away. Once a turn at most, so that a run
 * whose nodes answer at once leaves the event loop to others.
 *
 * @param toError  what a failed transaction means
 * @param busyError what to say once a locked database was tried for long enough
 */
export function createGroupCommit(
  writes: Writes,
  clock: Clock,
  toError: (thrown: unknown, runId: string) => BusbarError,
  busyError: () => BusbarError,
): GroupCommit {
  let submissions: Submission[] = [];
  let state: State = { is: "idle" };
  const whenIdle: (() => void)[] = [];
  /** How many the last transaction was of, and of which run if of one. */
  let lastSize = 0;
  let lastAlone: string | undefined;
  /** Whether the event loop has turned since. */
  let hasTurned = true;
  const noteTurn = (): void => {
    hasTurned = true;
  };

  function gather(had: number, turns: number): void {
    const isMoreLikely = lastSize > 1 && submissions.length > had && turns < MAX_MORE_TURNS;
    if (isMoreLikely) setImmediate(gather, submissions.length, turns + 1);
    else flush();
  }

  function flush(): void {
    const lock = state.is === "locked" ? state : { sinceMs: clock.monotonic(), tries: 0 };
    state = { is: "idle" };
    const batch = submissions;
    submissions = [];
    lastSize = batch.length;
    lastAlone = lastSize === 1 ? batch[0]?.runId : undefined;
    hasTurned = lastAlone === undefined;
    if (!hasTurned) setImmediate(noteTurn);
    const left = commitAll(writes, batch, toError);
    submissions = [...left, ...submissions];
    if (left.length > 0) retry(lock.sinceMs, lock.tries + 1);
    if (submissions.length === 0) for (const resolve of whenIdle.splice(0)) resolve();
  }

  function retry(sinceMs: number, tries: number): void {
    if (clock.monotonic() - sinceMs < MAX_BUSY_MS) {
      state = { is: "locked", sinceMs, tries };
      clock.after(busyWaitMs(tries), flush);
      return;
    }
    const error = busyError();
    for (const item of submissions) item.reject(error);
    submissions = [];
  }

  return {
    submit<T>(runId: string, step: (writes: Writes) => T): Promise<T> {
      return new Promise<T>((resolve, reject) => {
        submissions.push({ runId, step, resolve: resolve as (value: unknown) => void, reject });
        if (state.is !== "idle") return;
        state = { is: "scheduled" };
        if (runId === lastAlone && hasTurned) queueMicrotask(flush);
        else setImmediate(gather, 0, 0);
      });
    },
    settled() {
      return submissions.length === 0 ? Promise.resolve() : new Promise((resolve) => whenIdle.push(resolve));
    },
  };
}

/** Commits the batch as one; if that fails, each alone, so that none fails for another. Returns what found the database locked. */
function commitAll(
  writes: Writes,
  batch: readonly Submission[],
  toError: (thrown: unknown, runId: string) => BusbarError,
): readonly Submission[] {
  try {
    settle(batch, commitOnce(writes, batch));
    return [];
  } catch (thrown) {
    if (isBusy(thrown)) return batch;
    // Not tried again where the files are gone: they may have gone after the commit, and come back.
    if (batch.length === 1 || (thrown instanceof BusbarError && thrown.code === "JOURNAL_GONE")) {
      for (const item of batch) item.reject(toError(thrown, item.runId));
      return [];
    }
  }
  for (const [index, item] of batch.entries()) {
    if (commitAll(writes, [item], toError).length > 0) return batch.slice(index);
  }
  return [];
}

function commitOnce(writes: Writes, batch: readonly Submission[]): readonly StepResult[] {
  try {
    writes.begin();
    const results = batch.map(({ step }): StepResult => {
      try {
        return { ok: true, value: step(writes) };
      } catch (thrown) {
        if (thrown instanceof BusbarError) return { ok: false, error: thrown };
        throw thrown;
      }
    });
    writes.commit();
    return results;
  } catch (thrown) {
    writes.rollback();
    throw thrown;
  }
}

function settle(batch: readonly Submission[], results: readonly StepResult[]): void {
  for (const [index, item] of batch.entries()) {
    const result = results[index];
    if (result?.ok === true) item.resolve(result.value);
    else item.reject(result?.error);
  }
}
