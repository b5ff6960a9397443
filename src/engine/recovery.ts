import { BusbarError } from "../kernel/errors.ts";
import type { RunEvent, RunResumed } from "./events.ts";
import { NO_RECOVERIES, outstandingAttempt, type RunState } from "./state.ts";
import { isTerminalRun } from "./status.ts";

/**
 * A process that takes up runs by itself must not be ended by one of them for ever. Each time it is taken up a run may
 * have something at work, its own attempt or one that was found again; after so many times in which no attempt came to an
 * outcome it is left to whoever asks for it.
 */
export const MAX_RECOVERIES = 3;

/**
 * Whether somebody may take the run up on nobody's word.
 * @throws BusbarError RUN_ALREADY_ENDED, RECOVERED_IN_VAIN
 */
export function checkRecovery(state: RunState): void {
  const { runId, status } = state;
  if (isTerminalRun(status)) throw new BusbarError("RUN_ALREADY_ENDED", `run ${runId} has ended: ${status}`);
  if (!isInVain(state)) return;
  const { inVain } = state.recoveries;
  throw new BusbarError(
    "RECOVERED_IN_VAIN",
    `run ${runId} was taken over ${inVain} times, and its process ended each time before any attempt of it did`,
    { details: { run_id: runId, recoveries: inVain } },
  );
}

/** Whether it is left to whoever asks for it. */
export function isInVain({ recoveries }: RunState): boolean {
  return recoveries.inVain >= MAX_RECOVERIES;
}

/** Counts a recovery at once where something was outstanding, otherwise with the first attempt that it starts. */
export function noteResumed(state: RunState, event: RunResumed): void {
  const recovery = event.recovery === true;
  const isAtWork = recovery && state.byPosition.some((node) => outstandingAttempt(node) !== undefined);
  const inVain = recovery ? state.recoveries.inVain : 0;
  state.recoveries = { inVain: isAtWork ? inVain + 1 : inVain, isIdle: recovery && !isAtWork };
}

export function noteAttempt(state: RunState, event: RunEvent): void {
  const { inVain, isIdle } = state.recoveries;
  if (event.type === "node.started") {
    if (isIdle) state.recoveries = { inVain: inVain + 1, isIdle: false };
  } else if (event.type === "node.succeeded" || (event.type === "node.attempt_failed" && event.outcome !== "lost")) {
    state.recoveries = NO_RECOVERIES;
  }
}
