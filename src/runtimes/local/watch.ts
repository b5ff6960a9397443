import { isTerminalEvent, type RunEvent } from "../../engine/events.ts";
import { isTerminalRun } from "../../engine/status.ts";
import type { Clock } from "../../kernel/clock.ts";
import { BusbarError } from "../../kernel/errors.ts";
import type { Journal } from "../../ports/journal.ts";
import type { WatchOptions } from "../../ports/runtime.ts";
import { LOOK_MS } from "./requests.ts";

/** Follows runs by reading the journal: whatever it gives is durable, whoever drives the run. */
export interface Watcher {
  watch(runId: string, options: WatchOptions): AsyncIterable<RunEvent>;
  /** Something was appended here: look now instead of at the next tick. */
  wake(): void;
  close(): void;
}

export function createWatcher(journal: Journal, clock: Clock): Watcher {
  const sleepers = new Set<() => void>();
  let closed = false;

  /** Resolves at the next append here, after {@link LOOK_MS}, or when `signal` aborts. */
  function nextLook(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        cancel();
        sleepers.delete(done);
        signal?.removeEventListener("abort", done);
        resolve();
      };
      const cancel = clock.after(LOOK_MS, done);
      sleepers.add(done);
      signal?.addEventListener("abort", done);
    });
  }

  async function* watch(runId: string, { afterSeq = 0, signal }: WatchOptions): AsyncIterable<RunEvent> {
    let last = afterSeq;
    while (!closed && signal?.aborted !== true) {
      const run = await journal.readRun(runId);
      if (run === undefined) throw new BusbarError("RUN_NOT_FOUND", `there is no run ${runId} in this state directory`);
      let event: RunEvent | undefined;
      if (run.lastSeq > last) {
        for (event of await journal.readEvents(runId, last)) {
          last = event.seq;
          yield event;
        }
      }
      if (event !== undefined && isTerminalEvent(event)) return;
      if (last >= run.lastSeq && (isTerminalRun(run.summary.status) || !run.owner.alive)) return;
      await nextLook(signal);
    }
  }

  const wake = (): void => {
    for (const sleeper of [...sleepers]) sleeper();
  };
  return {
    watch,
    wake,
    close() {
      closed = true;
      wake();
    },
  };
}
