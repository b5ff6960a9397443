import { ERRORS, type ErrorCode, isErrorCode } from "../kernel/error-table.ts";
import { BusbarError } from "../kernel/errors.ts";
import type { TerminalEvent } from "../ports/runtime.ts";

/** What the numbers mean (semantics.md, "Exit codes"); the help prints this. */
export const EXIT_CODES: readonly (readonly [code: string, meaning: string])[] = [
  ["0", "succeeded"],
  ["1", "the run failed after a node was called"],
  ["2", "wrong usage"],
  ["10-19", "the workflow file; no run was made"],
  ["20-29", "a service stopped the run before any node was called"],
  ["30-39", "the journal; the run is left to `busbar resume`. Or the cluster of --runtime restate (39)"],
  ["40-49", "the server that --server names cannot be reached, or is none"],
  ["70", "a bug of Busbar"],
  ["71", "--detach: the process in the background failed before the run was made"],
  ["74", "stdout could not be written"],
  ["130", "cancelled (Ctrl-C, SIGTERM, SIGHUP, `busbar cancel`)"],
];

export const EXIT_OK = 0;
export const EXIT_FAILED = 1;
export const EXIT_FINDINGS = 31;
export const EXIT_CANCELLED = 130;

/** How `run` and `resume` exit when the run has ended. */
export function exitCodeOfEnd(end: TerminalEvent): number {
  if (end.type === "run.succeeded") return EXIT_OK;
  if (end.type === "run.cancelled") return EXIT_CANCELLED;
  const code = end.error === undefined ? EXIT_FAILED : exitCodeOf(end.error.code);
  // Only preflight ends a run before a node is called; every other failure is one of the run itself.
  return code >= 20 && code <= 29 ? code : EXIT_FAILED;
}

/** How a command exits that could not do its work. */
export function exitCodeOfError(thrown: unknown): number {
  return thrown instanceof BusbarError ? thrown.exitCode : ERRORS.INTERNAL.exitCode;
}

/** How `validate` exits, and everything else that reads a file with problems: as the first one says. */
export function exitCodeOfProblems(problems: readonly { readonly code: ErrorCode }[]): number {
  const first = problems[0];
  return first === undefined ? EXIT_OK : exitCodeOf(first.code);
}

/** `cancel`: whether the run ended as it was asked to. */
export function exitCodeOfCancel(end: TerminalEvent["type"]): number {
  return end === "run.cancelled" ? EXIT_OK : EXIT_FAILED;
}

/** A code of a newer version has no number here; it counts as a plain failure. */
function exitCodeOf(code: string): number {
  return isErrorCode(code) ? ERRORS[code].exitCode : EXIT_FAILED;
}
