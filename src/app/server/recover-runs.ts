import type { Clock } from "../../kernel/clock.ts";
import { BusbarError, type ErrorInfo, toErrorInfo } from "../../kernel/errors.ts";
import { pause } from "../../kernel/pause.ts";
import type { PreflightOptions } from "../../ports/executor.ts";
import type { RunListing, Runtime } from "../../ports/runtime.ts";
import { isPassing } from "../../runtimes/local/commit.ts";

export interface RecoveryTools {
  readonly runs: Pick<Runtime, "list" | "resume">;
  readonly clock: Clock;
  /** Who takes the runs up, for people. */
  readonly by: string;
  readonly preflight?: PreflightOptions;
  /** Told why a run is left as it is, or cannot even be listed. */
  readonly onLeft: (error: ErrorInfo, runId?: string) => void;
}

/** The taking up of what servers before this one have left. */
export interface Recovery {
  /** Whether all of that has been found. */
  hasLooked(): boolean;
  /** Whether the run, if it is one of them, is still to be taken up. */
  isWaiting(runId: string): boolean;
  /** Resolves when each run goes on or is left, or when nothing more is taken up. Never rejects. */
  readonly done: Promise<void>;
  /** Takes nothing more up. */
  stop(): void;
}

/** Of one page of the list. */
const PAGE = 200;
/** A journal that takes nothing for now is asked again. */
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;

/** Somebody else was quicker. */
const TAKEN: ReadonlySet<string> = new Set(["RUN_OWNED", "RUN_ALREADY_ENDED", "RUN_NOT_FOUND", "JOURNAL_FENCED"]);

/** Takes up the runs that a server started and nobody drives, one after the other, in the order in which they would go. */
export function recoverRuns({ runs, clock, by, preflight, onLeft }: RecoveryTools): Recovery {
  let hasLooked = false;
  const waiting = new Set<string>();
  const stopping = new AbortController();
  const isStopped = (): boolean => stopping.signal.aborted;

  async function findInterrupted(): Promise<readonly RunListing[]> {
    const found: RunListing[] = [];
    let before: string | undefined;
    do {
      const page = await runs.list({
        ...{ origin: "server", interrupted: true, limit: PAGE },
        ...(before === undefined ? {} : { before }),
      });
      for (const error of page.damaged) onLeft(error);
      found.push(...page.runs);
      before = page.next;
    } while (before !== undefined && !isStopped());
    return found;
  }

  async function takeUp({ run_id }: RunListing): Promise<void> {
    try {
      await persist(() =>
        runs.resume(run_id, { by, recovery: true, ...(preflight === undefined ? {} : { preflight }) }),
      );
    } catch (thrown) {
      const isTaken = thrown instanceof BusbarError && TAKEN.has(thrown.code);
      if (!isStopped() && !isTaken) onLeft(toErrorInfo(thrown), run_id);
    }
  }

  /** Nobody would ask a second time. */
  async function persist<T>(work: () => Promise<T>): Promise<T> {
    for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
      try {
        return await work();
      } catch (thrown) {
        if (isStopped() || !isPassing(thrown)) throw thrown;
        await pause(clock, waitMs, stopping.signal);
      }
    }
  }

  async function recoverAll(): Promise<void> {
    try {
      const found = await persist(findInterrupted);
      for (const { run_id } of found) waiting.add(run_id);
      hasLooked = true;
      for (const run of inOrder(found)) {
        if (!isStopped()) await takeUp(run);
        waiting.delete(run.run_id);
      }
    } catch (thrown) {
      if (!isStopped()) onLeft(toErrorInfo(thrown));
    } finally {
      hasLooked = true;
    }
  }

  return {
    hasLooked: () => hasLooked,
    isWaiting: (runId) => !isStopped() && (!hasLooked || waiting.has(runId)),
    done: recoverAll(),
    stop() {
      stopping.abort();
    },
  };
}

/** What had begun goes first, then by priority, then the oldest. @param found newest first, as lists are */
function inOrder(found: readonly RunListing[]): readonly RunListing[] {
  const hasBegun = ({ started_at }: RunListing): number => (started_at === undefined ? 0 : 1);
  return found.toReversed().toSorted((a, b) => hasBegun(b) - hasBegun(a) || (b.priority ?? 0) - (a.priority ?? 0));
}
