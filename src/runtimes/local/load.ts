import type { RunEvent } from "../../engine/events.ts";
import { createRunState, type RunState } from "../../engine/state.ts";
import { fold } from "../../engine/transitions.ts";
import { BusbarError } from "../../kernel/errors.ts";
import type { Journal, RunRecord } from "../../ports/journal.ts";
import { bindWorkflow } from "../../spec/bind.ts";
import type { Definition } from "../../spec/model/definition.ts";
import type { ParamValues } from "../../spec/model/param.ts";
import { checkParams } from "../../spec/params.ts";
import type { Workflow } from "../../spec/workflow.ts";

/** Makes a workflow of a stored definition again. */
export type ReadDefinition = (definition: Definition) => Promise<Workflow>;

export interface LoadedRun {
  readonly record: RunRecord;
  readonly events: readonly RunEvent[];
  readonly state: RunState;
  /** Of the definition the run has now, before references are filled in. */
  readonly workflow: Workflow;
  /** The bound workflow of each definition the run has had. */
  readonly workflowOf: (definitionHash: string) => Workflow | undefined;
}

/** A run as its journal tells it. */
export async function loadRun(
  journal: Pick<Journal, "readRun" | "readEvents" | "readDefinition">,
  readDefinition: ReadDefinition,
  runId: string,
): Promise<LoadedRun> {
  const record = await journal.readRun(runId);
  if (record === undefined) throw new BusbarError("RUN_NOT_FOUND", `there is no run ${runId} in this state directory`);
  const events = await journal.readEvents(runId);
  const created = events[0];
  if (created?.type !== "run.created") {
    throw new BusbarError("JOURNAL_DAMAGED", `the history of run ${runId} does not begin with run.created`, {
      details: { run_id: runId, seq: 1 },
    });
  }
  const raw = new Map<string, Workflow>();
  const bound = new Map<string, Workflow>();
  for (const event of events) {
    if ((event.type !== "run.created" && event.type !== "run.resumed") || raw.has(event.definition_hash)) continue;
    const definition = await journal.readDefinition(event.definition_hash);
    if (definition === undefined) {
      throw new BusbarError("JOURNAL_DAMAGED", `the workflow of run ${runId} is not in the journal`, {
        details: { run_id: runId, seq: event.seq },
      });
    }
    const workflow = await readDefinition(
      event.definition_hash === record.definitionHash ? inFile(definition, record.file) : definition,
    );
    raw.set(event.definition_hash, workflow);
    bound.set(event.definition_hash, bindFor(workflow, created.params, runId, created.at));
  }
  const first = bound.get(created.definition_hash);
  const last = events.findLast((event) => event.type === "run.created" || event.type === "run.resumed");
  const workflow = raw.get(last?.definition_hash ?? "");
  if (first === undefined || workflow === undefined) throw new BusbarError("INTERNAL", `run ${runId} has no workflow`);
  const workflowOf = (hash: string): Workflow | undefined => bound.get(hash);
  return { record, events, state: fold(events, createRunState(runId, first), workflowOf), workflow, workflowOf };
}

/** Runs share a text, but not the file it was read from, whose folder tls paths start from. */
function inFile({ hash, text, format }: Definition, file: string | undefined): Definition {
  return { hash, text, format, ...(file === undefined ? {} : { file }) };
}

/**
 * Fills references in. What was checked when the run was created cannot fail now; a changed file may declare other
 * params, and new ones take their defaults.
 */
export function bindFor(workflow: Workflow, given: ParamValues, runId: string, startedAt: string): Workflow {
  const params = checkParams(workflow, given);
  const bound = params.ok ? bindWorkflow(workflow, { params: params.value, runId, startedAt }) : params;
  if (bound.ok) return bound.value;
  const first = bound.error[0];
  throw new BusbarError(first?.code ?? "INTERNAL", bound.error.map((diagnostic) => diagnostic.message).join("; "), {
    details: { path: [...(first?.path ?? [])] },
  });
}
