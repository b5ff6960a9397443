import { isTerminalEvent } from "../../engine/events.ts";
import { isTerminalRun } from "../../engine/status.ts";
import { BusbarError } from "../../kernel/errors.ts";
import type { JournalReader } from "../../ports/journal.ts";
import { refuseUnknown } from "../../ports/journal-rules.ts";
import type { TerminalEvent, WaitOptions } from "../../ports/runtime.ts";
import type { LocalRuns } from "./local-runs.ts";
import type { Watching } from "./watch.ts";

/** Waits for the end of a run, whoever drives it (R6). */
export async function waitForEnd(
  {
    journal,
    local,
    watching,
  }: { readonly journal: JournalReader; readonly local: LocalRuns; readonly watching: Watching },
  runId: string,
  { signal }: WaitOptions,
): Promise<TerminalEvent> {
  signal?.throwIfAborted();
  const driver = local.driverOf(runId);
  if (driver !== undefined) return orAborted(driver.ended, signal);
  const run = await orAborted(journal.readRun(runId), signal);
  if (run === undefined) refuseUnknown(runId, journal.location);
  const why = local.leftOver(runId);
  if (why !== undefined && local.owns(run) && !isTerminalRun(run.summary.status)) throw why;
  let end: TerminalEvent | undefined;
  for await (const event of watching.watch(runId, { afterSeq: run.lastSeq - 1, ...(signal && { signal }) })) {
    // The last event counts: a run that had ended may have been resumed.
    end = isTerminalEvent(event) ? event : undefined;
  }
  signal?.throwIfAborted();
  if (end !== undefined) return end;
  if (watching.isClosed()) {
    throw new BusbarError(
      "RUN_LEFT",
      `what waited for the end of run ${runId} was closed; whoever drives the run goes on`,
    );
  }
  throw new BusbarError("RUN_LEFT", `run ${runId} is interrupted: nobody drives it any more`);
}

function orAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}
