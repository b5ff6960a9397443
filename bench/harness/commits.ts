// Sees SQLite's commits from outside the journal, which has no hook for it and needs none.
import { StatementSync } from "node:sqlite";

export interface CommitWatch {
  /** COMMIT statements since the watch began that ended a transaction to write, not one to read in. */
  readonly count: number;
  stop(): void;
}

/** @param delayMs how much longer each commit is to take, the event loop blocked: a slow disk */
export function watchCommits(delayMs = 0): CommitWatch {
  const original = StatementSync.prototype.run;
  const never = new Int32Array(new SharedArrayBuffer(4));
  let count = 0;
  let isToWrite = false;
  const put = (value: unknown): void => {
    Object.defineProperty(StatementSync.prototype, "run", { value, writable: true, configurable: true });
  };
  put(function run(this: StatementSync, ...args: unknown[]): unknown {
    const result: unknown = Reflect.apply(original, this, args);
    if (this.sourceSQL.startsWith("BEGIN")) isToWrite = this.sourceSQL === "BEGIN IMMEDIATE";
    if (this.sourceSQL === "COMMIT" && isToWrite) {
      count += 1;
      if (delayMs > 0) Atomics.wait(never, 0, 0, delayMs);
    }
    return result;
  });
  return {
    get count() {
      return count;
    },
    stop: () => put(original),
  };
}
