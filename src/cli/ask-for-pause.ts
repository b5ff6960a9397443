import { randomUUID } from "node:crypto";
import { describeCaller } from "../app/caller.ts";
import { isTerminalRun } from "../engine/status.ts";
import { BusbarError } from "../kernel/errors.ts";
import type { RunView } from "../ports/runtime.ts";
import type { Invocation } from "./command.ts";
import { isDrivenElsewhere } from "./driven-elsewhere.ts";
import { EXIT_OK } from "./exit-codes.ts";
import { createCommandFormatter, type FormatCommand } from "./format-command.ts";
import { openRequesterOf } from "./open-runs.ts";
import { givenPlaceOf } from "./place.ts";

/**
 * Asks a run to be paused or unpaused, waits for the answer, and says how the run stands then.
 * @throws BusbarError RUN_NOT_FOUND, RUN_ALREADY_ENDED, RUN_NOT_PAUSED, JOURNAL_…
 */
export async function askForPause(invocation: Invocation, kind: "pause" | "unpause"): Promise<number> {
  const { values, io } = invocation;
  const requester = await openRequesterOf(invocation);
  try {
    const runId = await requester.resolve(values.positional(0) ?? "");
    const key = `${kind}/${randomUUID()}`;
    const answer = await requester.request({ runId, kind, key, by: describeCaller() });
    if (answer.kind === "refused") throw new BusbarError(answer.error.code, answer.error.message);
    const formatCommand = createCommandFormatter(io, givenPlaceOf(values));
    io.err.write(`run ${runId} ${describe(await requester.get(runId), kind, formatCommand)}\n`);
    return EXIT_OK;
  } finally {
    await requester.close();
  }
}

function describe(run: RunView, kind: "pause" | "unpause", formatCommand: FormatCommand): string {
  // Its last attempts may have ended it in the meantime.
  if (isTerminalRun(run.status)) return run.status;
  const next = (command: string): string => `Next: ${formatCommand(`${command} ${run.run_id}`)}`;
  if (!isDrivenElsewhere(run)) {
    const how = kind === "pause" ? "is paused, and" : "is paused no more, but";
    return `${how} nobody drives it. ${next("resume")}`;
  }
  if (kind === "unpause") return "goes on";
  const { running } = run.counts;
  const left =
    running === 0 ? "" : `; ${running} outstanding ${running === 1 ? "attempt goes" : "attempts go"} on to the end`;
  return `is paused${left}. ${next("unpause")}`;
}
