import type { Clock } from "../../kernel/clock.ts";
import { type ErrorInfo, toErrorInfo } from "../../kernel/errors.ts";
import type { PruneOptions } from "../../runtimes/shared/prune.ts";
import type { Owner } from "../busbar.ts";

/** How much a server keeps of the runs that it started; what is left out has no limit. In `/system` too, hence snake_case. */
export interface RetentionLimits {
  /** Milliseconds since the end of a run. */
  readonly max_age_ms?: number;
  /** Ended runs. */
  readonly max_runs?: number;
  /** Of those runs in journal and logs. */
  readonly max_bytes?: number;
}

const DAY_MS = 86_400_000;

export const DEFAULT_RETENTION: RetentionLimits = {
  max_age_ms: 90 * DAY_MS,
  max_runs: 100_000,
  max_bytes: 10 * 1024 ** 3,
};

export interface RetentionTools {
  readonly limits: RetentionLimits;
  readonly prune: Owner["prune"];
  readonly clock: Clock;
  /** Told, each thing once, of what could not be pruned; it is tried again the next time. */
  readonly onTrouble: (error: ErrorInfo) => void;
}

/** What goes on by itself until it is stopped. */
export interface Retaining {
  /** Resolves when nothing more is deleted. */
  stop(): Promise<void>;
}

/** Whoever has just started a server wants other things of it first. */
const FIRST_MS = 60_000;
const EVERY_MS = 3_600_000;

/** Deletes what is too old or too much among the ended runs that a server started, now and then. */
export function retainRuns({ limits, prune, clock, onTrouble }: RetentionTools): Retaining {
  const options = optionsOf(limits);
  let isStopped = options === undefined;
  let cancel = (): void => undefined;
  let under: Promise<void> = Promise.resolve();

  const told = new Set<string>();
  const tell = (error: ErrorInfo): void => {
    if (told.has(error.message)) return;
    told.add(error.message);
    onTrouble(error);
  };

  async function pruneOnce(): Promise<void> {
    if (options === undefined) return;
    try {
      for await (const _ of prune(options, tell)) if (isStopped) return;
    } catch (thrown) {
      if (!isStopped) tell(toErrorInfo(thrown));
    }
  }
  const schedule = (ms: number): void => {
    if (isStopped) return;
    cancel = clock.after(ms, () => {
      under = pruneOnce().then(() => schedule(EVERY_MS));
    });
  };
  schedule(FIRST_MS);
  return {
    async stop() {
      isStopped = true;
      cancel();
      await under;
    },
  };
}

/** @returns undefined where there is no limit */
function optionsOf({ max_age_ms, max_runs, max_bytes }: RetentionLimits): PruneOptions | undefined {
  if (max_age_ms === undefined && max_runs === undefined && max_bytes === undefined) return undefined;
  return {
    origin: "server",
    ...(max_age_ms === undefined ? {} : { olderThanMs: max_age_ms }),
    ...(max_runs === undefined ? {} : { keep: max_runs }),
    ...(max_bytes === undefined ? {} : { maxBytes: max_bytes }),
  };
}
