import type { LocatedDiagnostic } from "../../kernel/diagnostics.ts";
import { formatDiagnostic } from "../../workflow/text/format.ts";
import type { Style } from "./style.ts";

/** All problems of a file: place, message, source line, mark; what to do; how many there are. */
export function renderDiagnostics(diagnostics: readonly LocatedDiagnostic[], style: Style): string {
  const parts = diagnostics.map((diagnostic) => {
    const [head = "", ...source] = formatDiagnostic(diagnostic).split("\n");
    const marked = source.map((line, index) => (index === source.length - 1 ? style.red(line) : line));
    return [style.bold(head), ...marked, `  ${style.dim("→")} ${diagnostic.remedy}`, ""].join("\n");
  });
  const count = diagnostics.length === 1 ? "1 problem" : `${diagnostics.length} problems`;
  return `${parts.join("")}${style.red(count)}\n`;
}
