import { setImmediate } from "node:timers/promises";
import type { RunEvent } from "../../engine/events.ts";
import { createRunState, type RunState } from "../../engine/state.ts";
import { fold } from "../../engine/transitions.ts";
import { BusbarError } from "../../kernel/errors.ts";
import { joinClauses } from "../../kernel/sentences.ts";
import { hashesOf } from "../../ports/definition-hashes.ts";
import type { JournalReader, RunRecord, StoredRun } from "../../ports/journal.ts";
import { refuseUnknown } from "../../ports/journal-rules.ts";
import type { RequestRecord } from "../../ports/requests.ts";
import type { DefinitionText } from "../../ports/runtime.ts";
import { bindWorkflow } from "../../workflow/bind.ts";
import type { ParamValues } from "../../workflow/model/param.ts";
import { checkParams } from "../../workflow/params.ts";
import type { Workflow } from "../../workflow/workflow.ts";

/**
 * Makes a workflow of a text, for a new run or of a stored one.
 * @throws BusbarError with the code of the first diagnostic
 */
export type ReadDefinition = (definition: DefinitionText) => Promise<Workflow>;

export interface LoadedRun {
  readonly record: RunRecord;
  readonly events: readonly RunEvent[];
  /** In order of arrival. */
  readonly requests: readonly RequestRecord[];
  readonly state: RunState;
  /** Of the definition the run has now, before references are filled in. */
  readonly workflow: Workflow;
  /** The bound workflow of each definition the run has had. */
  readonly workflowOf: (definitionHash: string) => Workflow | undefined;
}

/** Events that are read at once: what else this process does has its turn between two pages. */
export const PAGE_EVENTS = 200;

/** Events that are folded at once, and nodes that are shown at once: a millisecond or two, and then others have their turn. */
export const PIECE = 1_000;

/** In order; what else this process does has its turn before each piece, where there are several. */
export async function eachPiece<T>(items: readonly T[], handle: (piece: readonly T[]) => void): Promise<void> {
  if (items.length <= PIECE) return handle(items);
  for (let from = 0; from < items.length; from += PIECE) {
    await setImmediate();
    handle(items.slice(from, from + PIECE));
  }
}

/** The events of a run, page by page. More may have been added when it ends. */
export async function readInPages(
  journal: Pick<JournalReader, "readEvents">,
  runId: string,
  afterSeq = 0,
): Promise<readonly RunEvent[]> {
  const events: RunEvent[] = [];
  for (;;) {
    const page = await journal.readEvents(runId, afterSeq + events.length, PAGE_EVENTS);
    events.push(...page);
    if (page.length < PAGE_EVENTS) return events;
    await setImmediate();
  }
}

/**
 * A run as its journal tells it, all of it as of one moment.
 * @throws BusbarError RUN_NOT_FOUND, JOURNAL_…; the first diagnostic of a text that this version does not accept
 */
export async function loadRun(
  journal: Pick<JournalReader, "readStored" | "location">,
  readDefinition: ReadDefinition,
  runId: string,
): Promise<LoadedRun> {
  return loadStored(await readStored(journal, runId), readDefinition);
}

/**
 * @param earlier its first events, if they have been read already
 * @throws BusbarError RUN_NOT_FOUND, JOURNAL_…
 */
export async function readStored(
  journal: Pick<JournalReader, "readStored" | "location">,
  runId: string,
  earlier: readonly RunEvent[] = [],
): Promise<StoredRun> {
  return (await journal.readStored(runId, earlier)) ?? refuseUnknown(runId, journal.location);
}

/** @throws BusbarError as `loadRun` */
export async function loadStored(stored: StoredRun, readDefinition: ReadDefinition): Promise<LoadedRun> {
  const { record, events, definitions, requests } = stored;
  const folded = await foldStored({ runId: record.runId, events, definitions }, readDefinition);
  return { record, events, requests, ...folded };
}

/** What a run has become by its events, on the workflows that they name. @throws BusbarError as `loadRun` */
export async function foldStored(
  { runId, events, definitions }: Pick<StoredRun, "events" | "definitions"> & { readonly runId: string },
  readDefinition: ReadDefinition,
): Promise<Pick<LoadedRun, "state" | "workflow" | "workflowOf">> {
  const created = events[0];
  if (created?.type !== "run.created") {
    throw new BusbarError("JOURNAL_DAMAGED", `the history of run ${runId} does not begin with run.created`, {
      details: { run_id: runId, seq: 1 },
    });
  }
  const raw = new Map<string, Workflow>();
  const bound = new Map<string, Workflow>();
  for (const [hash, definition] of definitions) {
    const workflow = await readDefinition(definition);
    raw.set(hash, workflow);
    bound.set(hash, bindFor(workflow, created.params, runId, created.at));
  }
  const first = bound.get(created.definition_hash);
  const workflow = raw.get(hashesOf(events).at(-1) ?? "");
  if (first === undefined || workflow === undefined) throw new BusbarError("INTERNAL", `run ${runId} has no workflow`);
  const workflowOf = (hash: string): Workflow | undefined => bound.get(hash);
  if (events.length > PIECE) await setImmediate();
  const state = createRunState(runId, first);
  await eachPiece(events, (piece) => fold(piece, state, workflowOf));
  return { state, workflow, workflowOf };
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
  throw new BusbarError(first?.code ?? "INTERNAL", joinClauses(bound.error.map((diagnostic) => diagnostic.message)), {
    details: { path: [...(first?.path ?? [])] },
  });
}
