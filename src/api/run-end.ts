import { setTimeout as sleep } from "node:timers/promises";
import { isTerminalRun } from "../engine/status.ts";
import { BusbarError } from "../kernel/errors.ts";
import type { RunReader, RunView, TerminalEvent } from "../ports/runtime.ts";

/** How often a run that is about to be taken up is looked at. */
export const TAKE_UP_MS = 100;

export interface RunEndTools {
  readonly runs: Pick<RunReader, "get">;
  /** Whether a run that nobody drives is about to be taken up: then it is not over. */
  readonly isTakenUp: (runId: string) => boolean;
}

/**
 * How a run stands that nobody drove a moment ago.
 * @returns undefined where it goes on: it is about to be taken up, or somebody drives it by now
 */
export async function findOver({ runs, isTakenUp }: RunEndTools, runId: string): Promise<RunView | undefined> {
  // Asked before the run is read: whoever takes it up in between is its owner then.
  const isWaiting = isTakenUp(runId);
  const view = await runs.get(runId);
  const { status, owner, explanation } = view;
  if (isTerminalRun(status)) return view;
  // An owner that lives may have let go of the run.
  const isDriven = owner?.alive === true && explanation.reason.kind !== "left";
  return isWaiting || isDriven ? undefined : view;
}

/** Waits for the end of a run, also of one that is about to be taken up. @throws as `RunReader.wait` */
export async function waitForEnd(
  tools: RunEndTools & { readonly runs: Pick<RunReader, "get" | "wait"> },
  runId: string,
  signal: AbortSignal,
): Promise<TerminalEvent> {
  for (;;) {
    try {
      return await tools.runs.wait(runId, { signal });
    } catch (thrown) {
      const isLeft = thrown instanceof BusbarError && thrown.code === "RUN_LEFT";
      if (!isLeft || (await isOverUnended(tools, runId))) throw thrown;
      await sleep(TAKE_UP_MS);
    }
  }
}

/** A run that has ended meanwhile is not left: its end is to be told. */
async function isOverUnended(tools: RunEndTools, runId: string): Promise<boolean> {
  const over = await findOver(tools, runId);
  return over !== undefined && !isTerminalRun(over.status);
}
