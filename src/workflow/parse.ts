import type { Diagnostic } from "../kernel/diagnostics.ts";
import { err, type Result } from "../kernel/result.ts";
import { type AnyKind, KINDS } from "./kinds/kinds.ts";
import { type Definition, hashDefinition } from "./model/definition.ts";
import { readWorkflow } from "./read/read-workflow.ts";
import { findWritten } from "./text/find-spans.ts";
import {
  formatOf,
  MAX_FILE_BYTES,
  type ParseOptions,
  readTree,
  requireParseOptions,
  requireSource,
  tooLarge,
  type WorkflowSource,
  withoutBom,
} from "./text/source.ts";
import { capDiagnostics, createProblems } from "./tree/problems.ts";
import type { Workflow } from "./workflow.ts";

/**
 * A workflow file's text as a workflow, or everything that is wrong with it.
 * @throws BusbarError FILE_TYPE_UNKNOWN if the name says neither JSON nor YAML; USAGE
 */
export async function parseWorkflow(
  source: WorkflowSource,
  options: ParseOptions = {},
): Promise<Result<Workflow, readonly Diagnostic[]>> {
  requireSource("source", source);
  requireParseOptions("options", options);
  const format = formatOf(source);
  const text = withoutBom(source.text);
  if (text.length > MAX_FILE_BYTES) return err([tooLarge()]);
  const read = await readTree(text, format, options);
  const definition: Definition = {
    hash: hashDefinition(text),
    text,
    format,
    ...(source.file === undefined ? {} : { file: source.file }),
  };
  const problems = createProblems();
  const workflow =
    "value" in read
      ? readWorkflow(problems, read.value, definition, read.containerOrder, await prepareKinds(read.value))
      : undefined;
  await problems.settle((paths) => findWritten(definition, paths, options));
  const count = read.count + problems.count();
  if (workflow !== undefined && count === 0) return { ok: true, value: workflow };
  const kept = [...read.diagnostics, ...problems.kept()];
  return err(capDiagnostics(kept, count, text));
}

/** @param tree anything: it has not been checked yet */
async function prepareKinds(tree: unknown): Promise<ReadonlyMap<AnyKind, unknown>> {
  const prepared = new Map<AnyKind, unknown>();
  for (const kind of KINDS) prepared.set(kind, await kind.prepare?.(tree));
  return prepared;
}
