import type { Definitions } from "../app/definitions.ts";
import type { Diagnostic, LocatedDiagnostic } from "../kernel/diagnostics.ts";
import { BusbarError } from "../kernel/errors.ts";
import { ok } from "../kernel/result.ts";
import type { ParamValues } from "../workflow/model/param.ts";
import { readParams } from "../workflow/params.ts";
import type { HostPolicy } from "../workflow/policy/policy.ts";
import type { Workflow } from "../workflow/workflow.ts";
import type { Invocation } from "./command.ts";
import { exitCodeOfProblems } from "./exit-codes.ts";
import { renderDiagnostics, renderWarnings } from "./render/diagnostics.ts";
import { openStdin, STDIN, STDIN_NAME } from "./stdin.ts";

/** A workflow and the params it is to run with, or why there is none. */
export type WorkflowInput =
  | {
      readonly ok: true;
      readonly workflow: Workflow;
      readonly params: ParamValues;
      readonly warnings: readonly LocatedDiagnostic[];
    }
  | { readonly ok: false; readonly diagnostics: readonly LocatedDiagnostic[] };

/**
 * Reads a workflow, from a file or from stdin, and the --param options that go with it; all problems at once.
 * @param given undefined where params are not asked for
 * @param policy of the host, which the workflow is held against
 * @throws BusbarError USAGE, FILE_TYPE_UNKNOWN, WORKFLOW_NOT_FOUND
 */
export async function readInput(
  definitions: Definitions,
  path: string,
  given: readonly string[] | undefined,
  policy?: HostPolicy,
): Promise<WorkflowInput> {
  const pairs = given?.map(splitParam);
  const file = await (path === STDIN ? definitions.readStream(openStdin(), STDIN_NAME) : definitions.readFile(path));
  const refuse = async (problems: readonly Diagnostic[]): Promise<WorkflowInput> => ({
    ok: false,
    diagnostics: await file.locate(problems),
  });
  if (!file.parsed.ok) return refuse(file.parsed.error);
  const workflow = file.parsed.value;
  const params = pairs === undefined ? ok({}) : readParams(workflow, pairs);
  if (!params.ok) return refuse(params.error);
  const refused = await problemsOf(workflow, pairs === undefined ? undefined : params.value, policy);
  if (refused.length > 0) return refuse(refused);
  const warnings = workflow.warnings.length === 0 ? [] : await file.locate(workflow.warnings);
  return { ok: true, workflow, params: params.value, warnings };
}

/** With params what the run would be refused for, without as far as it can be said. */
async function problemsOf(
  workflow: Workflow,
  params: ParamValues | undefined,
  policy: HostPolicy | undefined,
): Promise<readonly Diagnostic[]> {
  if (params === undefined) return policy === undefined ? [] : refusedBy(policy, workflow);
  // What drives a run binds it too, so this loads nothing that a run would not.
  const { bindWorkflow } = await import("../workflow/bind.ts");
  const bound = bindWorkflow(workflow, { params, runId: "run", startedAt: "1970-01-01T00:00:00.000Z" });
  if (!bound.ok) return bound.error;
  return policy === undefined ? [] : refusedBy(policy, workflow, bound.value);
}

async function refusedBy(policy: HostPolicy, workflow: Workflow, bound?: Workflow): Promise<readonly Diagnostic[]> {
  const { checkPolicy } = await import("../workflow/policy/check-policy.ts");
  return checkPolicy(policy, workflow, bound);
}

/** The workflow that a command needs, or the exit code where it has none; the problems are printed then. */
export async function readInputOrReport(
  { values, io }: Invocation,
  definitions: Definitions,
  path: string,
  policy?: HostPolicy,
): Promise<Extract<WorkflowInput, { ok: true }> | number> {
  const input = await readInput(definitions, path, values.list("param"), policy);
  if (input.ok) return input;
  io.err.write(renderDiagnostics(input.diagnostics, io.err.style));
  return exitCodeOfProblems(input.diagnostics);
}

/** Warnings of a valid file, for people. */
export function printWarnings({ io }: Invocation, warnings: readonly LocatedDiagnostic[]): void {
  io.err.write(renderWarnings(warnings, io.err.style));
}

/** Of a run that no server starts. */
export function warnOfConcurrency({ io }: Invocation, { concurrency }: Pick<Workflow, "concurrency">): void {
  if (concurrency === undefined) return;
  const message = "the file's concurrency does not apply: it counts runs that a server starts, and this one is not";
  io.err.write(`${io.err.style.yellow("warning")}: ${message}\n`);
}

/** What --param options say, unread. @throws BusbarError USAGE */
export function splitParam(text: string): readonly [name: string, value: string] {
  const equals = text.indexOf("=");
  if (equals <= 0) throw new BusbarError("USAGE", `--param is NAME=VALUE, not "${text}"`);
  return [text.slice(0, equals), text.slice(equals + 1)];
}
