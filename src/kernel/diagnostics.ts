import { isFields } from "./arguments.ts";
import { type ErrorCode, isErrorCode } from "./error-table.ts";

/** Where in the tree of a file something stands: keys and list positions from the top. */
export type TreePath = readonly (string | number)[];

/**
 * One problem of a workflow file. It knows its place in the tree; line and
 * column are worked out when it is shown (`locateDiagnostics`), because finding them
 * costs far more than the check itself.
 */
export interface Diagnostic {
  readonly code: ErrorCode;
  readonly message: string;
  readonly path: TreePath;
  /** Whether the key or the value at `path` is meant. */
  readonly at: "key" | "value";
  /** UTF-16 offset of the problem in the text itself, where the parser knows it (syntax errors, duplicate keys). */
  readonly offset?: number;
  /** Length of the marked text in UTF-16 units, with `offset`. */
  readonly length?: number;
  /** A part of a string value: UTF-16 offsets within the string, for `${…}`. */
  readonly within?: { readonly start: number; readonly end: number };
  /** What was probably meant. */
  readonly suggestion?: string;
  /** What to do now, where it is more than what the table says of the code. */
  readonly remedy?: string;
  /** A problem, unless it is a warning: the file is valid all the same. */
  readonly severity?: "warning";
}

/** A diagnostic with its place in the text; what `busbar validate --json` prints. */
export interface LocatedDiagnostic {
  readonly code: ErrorCode;
  readonly message: string;
  readonly file: string;
  /** From 1. Columns count Unicode characters. */
  readonly line: number;
  readonly column: number;
  /** Characters to mark, ≥ 1, within the line. */
  readonly length: number;
  /** The line of the text, cut around the mark where it is very long. */
  readonly source_line: string;
  readonly suggestion?: string;
  readonly remedy: string;
  /** A problem, unless it is a warning. */
  readonly severity?: "warning";
}

/** Whether a value from outside has the shape of a diagnostic. */
export function isDiagnostic(value: unknown): value is Diagnostic {
  if (!isFields(value)) return false;
  const { code, message, path, at, offset, length, within, suggestion, remedy, severity } = value;
  const isOffset = (one: unknown): boolean => Number.isSafeInteger(one) && Number(one) >= 0;
  return (
    isErrorCode(code) &&
    typeof message === "string" &&
    Array.isArray(path) &&
    path.every((key) => typeof key === "string" || isOffset(key)) &&
    (at === "key" || at === "value") &&
    (offset === undefined || isOffset(offset)) &&
    (length === undefined || isOffset(length)) &&
    (within === undefined || (isFields(within) && isOffset(within.start) && isOffset(within.end))) &&
    (suggestion === undefined || typeof suggestion === "string") &&
    (remedy === undefined || typeof remedy === "string") &&
    (severity === undefined || severity === "warning")
  );
}
