import { fstatSync } from "node:fs";
import { BusbarError } from "../kernel/errors.ts";

/** In place of a file: the workflow is read from standard input. */
export const STDIN = "-";
/** What diagnostics call it. */
export const STDIN_NAME = "<stdin>";

/** @throws BusbarError USAGE where nobody has given anything, WORKFLOW_NOT_FOUND for a folder */
export function openStdin(): AsyncIterable<Uint8Array> {
  if (process.stdin.isTTY) {
    throw new BusbarError(
      "USAGE",
      `${STDIN} reads the workflow from standard input, which is this terminal: pipe one into it, or name a file.`,
    );
  }
  // Node.js reads a folder as an empty stream.
  if (fstatSync(process.stdin.fd).isDirectory()) {
    throw new BusbarError("WORKFLOW_NOT_FOUND", `${STDIN_NAME} is a folder, not a workflow`);
  }
  return process.stdin;
}
