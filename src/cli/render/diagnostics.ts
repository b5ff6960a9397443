import type { LocatedDiagnostic } from "../../kernel/diagnostics.ts";
import { formatDiagnostic } from "../../workflow/text/format.ts";
import type { Style } from "./style.ts";

/** All problems of a file: place, message, source line, mark; what to do; how many there are. */
export function renderDiagnostics(diagnostics: readonly LocatedDiagnostic[], style: Style): string {
  const count = diagnostics.length === 1 ? "1 problem" : `${diagnostics.length} problems`;
  return `${renderEach(diagnostics, style, style.red)}${style.red(count)}\n`;
}

/** The same of a valid file; nothing where there are none. */
export function renderWarnings(warnings: readonly LocatedDiagnostic[], style: Style): string {
  return renderEach(warnings, style, style.yellow);
}

function renderEach(diagnostics: readonly LocatedDiagnostic[], style: Style, paint: (text: string) => string): string {
  const parts = diagnostics.map((diagnostic) => {
    const [head = "", ...source] = formatDiagnostic(diagnostic).split("\n");
    const marked = source.map((line, index) => (index === source.length - 1 ? paint(line) : line));
    return [style.bold(head), ...marked, `  ${style.dim("→")} ${diagnostic.remedy}`, ""].join("\n");
  });
  return parts.join("");
}
