import type { Clock } from "../../kernel/clock.ts";
import type { RunReader } from "../../ports/runtime.ts";
import type { RunObserver } from "../../runtimes/local/observers.ts";

export interface FollowFeedOptions {
  readonly runs: Pick<RunReader, "feed">;
  readonly clock: Clock;
  readonly observers: readonly RunObserver[];
  /** Told once of each trouble, until the feed is followed again. */
  readonly onTrouble: (trouble: unknown) => void;
}

const AGAIN_MS = 2_000;

/** Tells observers of what others record, from now on: what happened while nobody followed is not told. */
export function followFeed({ runs, clock, observers, onTrouble }: FollowFeedOptions): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const { signal } = stopping;
  let after = "now";
  let isAway = false;

  async function follow(): Promise<void> {
    for await (const item of runs.feed({ after, follow: true, signal })) {
      isAway = false;
      after = item.cursor;
      if (item.kind === "event") for (const observe of observers) observe([item.event]);
    }
  }

  async function followAgain(): Promise<void> {
    while (!signal.aborted) {
      try {
        await follow();
      } catch (thrown) {
        if (signal.aborted) return;
        if (!isAway) onTrouble(thrown);
        isAway = true;
      }
      await rest();
    }
  }

  function rest(): Promise<void> {
    return new Promise((resolve) => {
      const cancel = clock.after(AGAIN_MS, resolve);
      const stop = (): void => {
        cancel();
        resolve();
      };
      if (signal.aborted) stop();
      else signal.addEventListener("abort", stop, { once: true });
    });
  }

  const following = followAgain();
  return {
    async stop() {
      stopping.abort();
      await following;
    },
  };
}
