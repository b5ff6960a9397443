import type { Created } from "../../engine/inputs.ts";
import { keepOutputs } from "../../engine/rerun.ts";
import type { Clock } from "../../kernel/clock.ts";
import { BusbarError } from "../../kernel/errors.ts";
import { type Ids, RUN_ID_PATTERN } from "../../kernel/ids.ts";
import { timestampOf } from "../../kernel/timestamp.ts";
import type { JournalReader } from "../../ports/journal.ts";
import { LAST, refuseExisting } from "../../ports/journal-rules.ts";
import type { RunOrigin } from "../../ports/run-facts.ts";
import type { NewRunOptions, RerunOptions, RerunRun, RunControl, StartedRun, StartInput } from "../../ports/runtime.ts";
import type { ParamValues } from "../../workflow/model/param.ts";
import { enforcePolicy } from "../../workflow/policy/check-policy.ts";
import type { HostPolicy } from "../../workflow/policy/policy.ts";
import type { Workflow } from "../../workflow/workflow.ts";
import type { Begin } from "./begin.ts";
import { type Executors, requireExecutors } from "./executors.ts";
import { createKeyedStarts } from "./keyed-starts.ts";
import { bindFor, loadRun, type ReadDefinition, readInPages } from "./load.ts";
import type { LocalRuns } from "./local-runs.ts";
import { refuseDrivenHere, refuseLiveOwner } from "./owned.ts";

export interface NewRunTools {
  readonly journal: Pick<JournalReader, "readRun" | "readStored" | "readEvents" | "findByKey" | "location">;
  /** What runs the nodes, where this process knows it. */
  readonly executors?: Executors;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly busbarVersion: string;
  readonly readDefinition: ReadDefinition;
  readonly policy?: HostPolicy;
  readonly origin?: RunOrigin;
  readonly local: LocalRuns;
  /** @throws BusbarError RUN_LEFT once the runtime is closed */
  readonly refuseClosed: () => void;
  readonly begin: Pick<Begin, "create">;
}

/** Makes runs: of a definition, and of another run. */
export function createNewRuns(tools: NewRunTools): Pick<RunControl, "start" | "rerun"> {
  const { journal, executors, clock, ids, busbarVersion, readDefinition, policy, origin } = tools;
  const { local, refuseClosed, begin } = tools;
  const keyed = createKeyedStarts(journal);

  async function start({ params = {}, ...rest }: StartInput): Promise<StartedRun> {
    refuseClosed();
    const input = { ...rest, params: { ...params } };
    return keyed.once(
      input.idempotency,
      () => startNew(input),
      (runId) => ({ runId, again: true }),
    );
  }

  async function startNew({ definition, params, ...options }: Started): Promise<StartedRun> {
    const { runId: given } = options;
    const runId = checkId(given);
    const workflow = await readDefinition(definition);
    await requireUnused(given);
    await create({ ...options, workflow, params, runId });
    return { runId };
  }

  async function rerun(source: string, { params = {}, ...rest }: RerunOptions = {}): Promise<RerunRun> {
    refuseClosed();
    const options = { ...rest, params: { ...params } };
    return keyed.once(
      options.idempotency,
      () => rerunNew(source, options),
      async (runId) => ({ runId, kept: await readKept(runId), again: true }),
    );
  }

  /** What is kept stands in the append that creates the run. */
  async function readKept(runId: string): Promise<readonly string[]> {
    const events = await readInPages(journal, runId);
    return events.flatMap((event) =>
      event.type === "node.succeeded" && event.reused_from !== undefined ? [event.node_id] : [],
    );
  }

  async function rerunNew(
    source: string,
    { from = [], params = {}, definition, ...options }: RerunOptions,
  ): Promise<RerunRun> {
    const { runId: given } = options;
    const runId = checkId(given);
    await refuseDrivenHere(source, local);
    const loaded = await loadRun(journal, readDefinition, source);
    refuseLiveOwner(loaded.record, local);
    const workflow = definition === undefined ? loaded.workflow : await readDefinition(definition);
    await requireUnused(given);
    const theirs = Object.entries(loaded.state.params).filter(([name]) => workflow.params.has(name));
    const kept = await create({
      ...options,
      workflow,
      params: { ...Object.fromEntries(theirs), ...params },
      runId,
      keep: (bound) => ({ source, kept: keepOutputs(loaded, bound, from) }),
    });
    return { runId, kept };
  }

  function checkId(given: string | undefined): string {
    const runId = given ?? ids.runId();
    if (!RUN_ID_PATTERN.test(runId) || runId === LAST) throw invalidRunId(runId);
    return runId;
  }

  /**
   * An id that was used is refused when the run is recorded, by the index of ids. A reading looks whether that is sound:
   * services would take a second run of one id for the first. An id that is made here was never used.
   * @throws BusbarError RUN_EXISTS, JOURNAL_…
   */
  async function requireUnused(given: string | undefined): Promise<void> {
    if (given !== undefined && (await journal.readRun(given)) !== undefined) refuseExisting(given);
  }

  /** @returns ids of the nodes whose outputs are kept of another run */
  async function create(run: NewRun): Promise<readonly string[]> {
    const { workflow, params, runId, preflight, priority, idempotency, audit, keep } = run;
    if (executors !== undefined) requireExecutors(workflow, executors);
    if (local.driverOf(runId) !== undefined) throw new BusbarError("RUN_EXISTS", `there is a run ${runId} already`);
    // The references see the same moment as the event.
    const at = timestampOf(clock.now());
    const bound = bindFor(workflow, params, runId, at);
    enforcePolicy(policy, workflow, bound);
    const { definition } = workflow;
    const repeated = keep?.(bound);
    const created = { kind: "created", definitionHash: definition.hash, params, busbarVersion, at } as const;
    await begin.create({
      row: {
        runId,
        definition,
        ...(origin === undefined ? {} : { origin }),
        ...(priority === undefined ? {} : { priority }),
        ...(idempotency === undefined ? {} : { idempotency }),
        ...(audit === undefined ? {} : { audit: { ...audit, run_id: runId, workflow: workflow.name } }),
      },
      how: repeated === undefined ? created : { ...created, rerun: repeated },
      workflow: bound,
      ...(preflight === undefined ? {} : { preflight }),
    });
    return repeated?.kept.map(({ nodeId }) => nodeId) ?? [];
  }

  return { start, rerun };
}

/** With params of its own: the caller may go on with the object that it gave, for the next run. */
interface Started extends StartInput {
  readonly params: ParamValues;
}

interface NewRun extends NewRunOptions {
  readonly workflow: Workflow;
  readonly params: ParamValues;
  readonly runId: string;
  /** What is kept of another run. @param bound the workflow of the new run */
  readonly keep?: (bound: Workflow) => Created["rerun"];
}

function invalidRunId(runId: string): BusbarError {
  if (runId === LAST) return new BusbarError("RUN_ID_INVALID", `"${LAST}" is no run id: it means the newest run`);
  return new BusbarError(
    "RUN_ID_INVALID",
    `"${runId}" is not a run id: those are 1 to 64 letters, digits, dots, underscores and hyphens, the first a letter or digit`,
  );
}
