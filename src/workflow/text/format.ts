import { requireIfGiven, requireObject, requireText, requireWhole } from "../../kernel/arguments.ts";
import type { Diagnostic, LocatedDiagnostic } from "../../kernel/diagnostics.ts";
import { escapeControls, escapeUnseen } from "../../kernel/text.ts";
import { columnInSourceLine } from "./lines.ts";

/** Far more than a line has that `locateDiagnostics` has cut. */
const MAX_MARK = 10_000;

/**
 * A diagnostic for people, in the style of compilers: where, what, the line with a mark. No newline at the end.
 * @param located what `locateDiagnostics` gave
 * @throws BusbarError USAGE
 */
export function formatDiagnostic(located: LocatedDiagnostic): string {
  requireObject("located", located, "a diagnostic with its place, from locateDiagnostics");
  for (const field of ["code", "message", "file", "source_line"] as const)
    requireText(`located.${field}`, located[field]);
  requireWhole("located.line", located.line, 1);
  requireWhole("located.column", located.column, 1);
  requireWhole("located.length", located.length, 1, MAX_MARK);
  requireIfGiven("located.suggestion", located.suggestion, requireText);
  const { file, line, column, length, source_line } = located;
  const head = `${escapeControls(file)}:${line}:${column} ${formatMessage(located)}`;
  if (source_line === "") return head;
  const number = String(line);
  const gutter = " ".repeat(number.length);
  const mark = " ".repeat(columnInSourceLine(column) - 1) + "^".repeat(length);
  return `${head}\n  ${number} | ${source_line}\n  ${gutter} | ${mark}`;
}

/** The same without a place, for what does not stand in the file: params of the command line. */
export function formatMessage({
  code,
  message,
  suggestion,
  severity = "error",
}: Pick<Diagnostic, "code" | "message" | "suggestion"> & { readonly severity?: "error" | "warning" }): string {
  const meant = suggestion === undefined ? "" : `. Did you mean "${escapeUnseen(suggestion)}"?`;
  return `${severity} ${code}: ${message}${meant}`;
}
