import type { Draw } from "./draw.ts";
import { hashText } from "./draw.ts";

/** One owner between its opening and its end. */
export interface Process {
  /** `o0.1`: the first opening of owner 0. */
  readonly name: string;
  readonly owner: number;
  readonly bornMs: number;
  /** Draws that belong to it, so that what others do does not change them. */
  readonly draw: Draw;
  alive: boolean;
  /** Others take it for alive: it owns its runs. */
  holdsLock: boolean;
  /** Nothing happens in it before. */
  frozenUntilMs: number;
  /**
   * By run: that it has decided what it has not been told to be durable. `asking`: it looks for requests before it
   * writes an end. `left`: it was refused the run itself.
   */
  readonly undurable: Map<string, "asking" | "writing" | "refused" | "left">;
  /** It closes: runs of which it had decided then what was not durable yet. In no other does it start anything. */
  decidedAtClose: ReadonlySet<string> | undefined;
}

/**
 * Virtual time and the order in which things happen: a queue of what is due. Of what is due at one time the
 * seed says which comes first.
 */
export interface World {
  readonly nowMs: number;
  /** What the wall clock is ahead of virtual time. */
  wallAheadMs: number;
  /** When anything was last achieved: a write, an end of a call, an answer. */
  readonly progressMs: number;
  readonly steps: number;
  readonly hash: number;
  readonly trace: readonly string[];
  readonly failures: readonly Failure[];
  /** @param process whose it is: it does not happen once that is dead, and not while it is frozen */
  after(ms: number, process: Process | undefined, happen: () => void): () => void;
  /** Lets the next thing happen and all that follows from it at once; false if nothing is left. */
  step(): Promise<boolean>;
  /** Told after each step. */
  afterStep: () => void;
  note(line: string): void;
  progress(): void;
  fail(kind: string, message: string): void;
}

/** @property kind what failures of one cause have in common */
export interface Failure {
  readonly kind: string;
  readonly message: string;
  readonly atMs: number;
}

/** A hundred times what a simulation takes. */
const MAX_STEPS = 50_000;

interface Due {
  dueMs: number;
  readonly tie: number;
  readonly order: number;
  readonly process: Process | undefined;
  happen: (() => void) | undefined;
}

/** @param keepTrace keeps the lines of the trace, not only their hash */
export function createWorld(draw: Draw, keepTrace: boolean): World {
  const heap: Due[] = [];
  const trace: string[] = [];
  const failures: Failure[] = [];
  let nowMs = 0;
  let progressMs = 0;
  let steps = 0;
  let order = 0;
  let hash = 0x811c9dc5;

  const put = (dueMs: number, process: Process | undefined, happen: () => void): Due => {
    order += 1;
    const due: Due = { dueMs, tie: draw.next(), order, process, happen };
    pushDue(heap, due);
    return due;
  };
  const note = (line: string): void => {
    const text = `${nowMs} ${line}`;
    hash = hashText(text, hash);
    if (keepTrace) trace.push(text);
  };
  const fail = (kind: string, message: string): void => {
    failures.push({ kind, message, atMs: nowMs });
    note(`FAILED ${kind}: ${message}`);
  };
  const world: World = {
    get nowMs() {
      return nowMs;
    },
    wallAheadMs: 0,
    get progressMs() {
      return progressMs;
    },
    get steps() {
      return steps;
    },
    get hash() {
      return hash;
    },
    trace,
    failures,
    after(ms, process, happen) {
      const due = put(nowMs + Math.max(ms, 0), process, happen);
      return () => {
        due.happen = undefined;
      };
    },
    async step() {
      for (let isSettled = false; ; ) {
        const due = popDue(heap);
        if (due === undefined) {
          if (isSettled) return false;
          // Whoever was just asked something from outside may not have put anything into the queue yet.
          await settled();
          isSettled = true;
          continue;
        }
        const { happen, process } = due;
        if (happen === undefined || process?.alive === false) continue;
        if (process !== undefined && process.frozenUntilMs > due.dueMs) {
          // Cancelling goes on to work: it is the same entry.
          due.dueMs = process.frozenUntilMs;
          pushDue(heap, due);
          continue;
        }
        nowMs = due.dueMs;
        steps += 1;
        if (steps === MAX_STEPS) fail("endless", `after ${MAX_STEPS} steps it still goes on`);
        due.happen = undefined;
        happen();
        await settled();
        world.afterStep();
        return true;
      }
    },
    afterStep: () => undefined,
    note,
    progress() {
      progressMs = nowMs;
    },
    fail,
  };
  return world;
}

/** Resolves when no promise has anything left to do by itself: immediates come after all of them. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function isBefore(a: Due, b: Due): boolean {
  return a.dueMs < b.dueMs || (a.dueMs === b.dueMs && (a.tie < b.tie || (a.tie === b.tie && a.order < b.order)));
}

/** A binary heap, first due on top. */
function pushDue(heap: Due[], due: Due): void {
  let index = heap.length;
  heap.push(due);
  while (index > 0) {
    const parent = (index - 1) >> 1;
    const above = heap[parent];
    if (above === undefined || !isBefore(due, above)) break;
    heap[index] = above;
    index = parent;
  }
  heap[index] = due;
}

function popDue(heap: Due[]): Due | undefined {
  const top = heap[0];
  const last = heap.pop();
  if (top === undefined || last === undefined || heap.length === 0) return top;
  let index = 0;
  for (;;) {
    const left = heap[2 * index + 1];
    const right = heap[2 * index + 2];
    if (left === undefined) break;
    const isRight = right !== undefined && isBefore(right, left);
    const smaller = isRight ? right : left;
    if (!isBefore(smaller, last)) break;
    heap[index] = smaller;
    index = 2 * index + (isRight ? 2 : 1);
  }
  heap[index] = last;
  return top;
}
