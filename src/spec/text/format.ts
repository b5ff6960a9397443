import type { Diagnostic, LocatedDiagnostic } from "../../kernel/diagnostics.ts";
import { columnInSourceLine } from "./lines.ts";

/** A diagnostic for people, in the style of compilers: where, what, the line with a mark. No newline at the end. */
export function formatDiagnostic(located: LocatedDiagnostic): string {
  const { file, line, column, length, source_line } = located;
  const head = `${file}:${line}:${column} ${formatMessage(located)}`;
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
}: Pick<Diagnostic, "code" | "message" | "suggestion">): string {
  const meant = suggestion === undefined ? "" : `. Did you mean "${suggestion}"?`;
  return `error ${code}: ${message}${meant}`;
}
