import { requireEach } from "../../kernel/arguments.ts";
import { type Diagnostic, isDiagnostic, type LocatedDiagnostic } from "../../kernel/diagnostics.ts";
import { ERRORS } from "../../kernel/error-table.ts";
import type { Definition } from "../model/definition.ts";
import { findSpans } from "./find-spans.ts";
import { createPositionFinder, cutLine } from "./lines.ts";
import type { Span } from "./read-text.ts";
import {
  formatOf,
  type ParseOptions,
  requireParseOptions,
  requireSource,
  type WorkflowSource,
  withoutBom,
} from "./source.ts";

/**
 * Diagnostics with line and column, in the order of the file.
 * @param options the same as for parseWorkflow
 * @throws BusbarError FILE_TYPE_UNKNOWN, USAGE
 */
export async function locateDiagnostics(
  diagnostics: readonly Diagnostic[],
  source: WorkflowSource,
  options: ParseOptions = {},
): Promise<readonly LocatedDiagnostic[]> {
  requireEach("diagnostics", diagnostics, isDiagnostic, "a diagnostic {code, message, path, at}");
  requireSource("source", source);
  requireParseOptions("options", options);
  const text = withoutBom(source.text);
  const spans = await spansOf(diagnostics, text, formatOf(source), options);
  const placed = diagnostics.map((diagnostic, index) => ({ diagnostic, span: spans[index] ?? { start: 0, end: 1 } }));
  placed.sort((a, b) => a.span.start - b.span.start);
  const findPosition = createPositionFinder(text);
  const { crossOutDefinition } = await import("../shown/mask-definition.ts");
  const visible = placed.length === 0 ? text : await crossOutDefinition({ text, format: formatOf(source) }, options);
  return placed.map(({ diagnostic, span }) => {
    const position = findPosition(span.start);
    return {
      code: diagnostic.code,
      message: diagnostic.message,
      file: source.fileName,
      line: position.line,
      column: position.column,
      ...cutLine(visible, position, span),
      ...(diagnostic.suggestion === undefined ? {} : { suggestion: diagnostic.suggestion }),
      remedy: diagnostic.remedy ?? ERRORS[diagnostic.code].remedy,
      ...(diagnostic.severity === undefined ? {} : { severity: diagnostic.severity }),
    };
  });
}

async function spansOf(
  diagnostics: readonly Diagnostic[],
  text: string,
  format: Definition["format"],
  options: ParseOptions,
): Promise<readonly Span[]> {
  const targets = diagnostics.filter(({ offset }) => offset === undefined);
  const found = await findSpans({ text, format }, targets, options);
  const spanOf = new Map(targets.map((target, index) => [target, found[index]]));
  return diagnostics.map((diagnostic) => {
    const { offset, length } = diagnostic;
    if (offset !== undefined) return { start: offset, end: offset + (length ?? 1) };
    return spanOf.get(diagnostic) ?? { start: 0, end: 1 };
  });
}
