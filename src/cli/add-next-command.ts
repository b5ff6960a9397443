import { BusbarError } from "../kernel/errors.ts";
import { asSentence } from "../kernel/sentences.ts";
import type { FormatCommand } from "./format-command.ts";

/** The error of a run that could not be driven to its end, with the command that continues it. */
export function addNextCommand(thrown: unknown, runId: string, formatCommand: FormatCommand): unknown {
  if (!(thrown instanceof BusbarError)) return thrown;
  const { code, message, details } = thrown;
  return new BusbarError(
    code,
    `${asSentence(message)} Run ${runId} is interrupted: ${formatCommand(`resume ${runId}`)}`,
    {
      cause: thrown,
      details: { ...details, run_id: runId },
    },
  );
}
