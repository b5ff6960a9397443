import type { RunEvent, RunResumed } from "../../engine/events.ts";
import { createRunState, type NodeState, rebase } from "../../engine/state.ts";
import { isSettledNode, isTerminalRun } from "../../engine/status.ts";
import type { Clock } from "../../kernel/clock.ts";
import { BusbarError } from "../../kernel/errors.ts";
import { type Ids, RUN_ID_PATTERN } from "../../kernel/ids.ts";
import type { Random } from "../../kernel/random.ts";
import type { Secrets } from "../../kernel/secrets.ts";
import type { Journal, RunFilter, RunRecord } from "../../ports/journal.ts";
import type { RunLogs } from "../../ports/run-logs.ts";
import type {
  ResumedRun,
  ResumeOptions,
  RunHandle,
  RunListing,
  Runtime,
  RunView,
  StartInput,
  WatchOptions,
} from "../../ports/runtime.ts";
import { diffNodes } from "../../spec/diff.ts";
import type { Workflow } from "../../spec/workflow.ts";
import type { DriverContext, Executors, RunObserver } from "./context.ts";
import { type Beginning, createDriver, type Driver } from "./driver.ts";
import { bindFor, type LoadedRun, loadRun, type ReadDefinition } from "./load.ts";
import { createRequestDesk } from "./requests.ts";
import { createSlots } from "./slots.ts";
import { listingOf, viewOf } from "./view.ts";
import { createWatcher } from "./watch.ts";

/** What the local runtime is made of. */
export interface LocalRuntimeOptions {
  readonly journal: Journal;
  /** What can run nodes here; a workflow that needs another is refused with EXECUTOR_NOT_AVAILABLE. */
  readonly executors: Executors;
  readonly clock: Clock;
  readonly random: Random;
  readonly ids: Ids;
  /** The one the executors read from, so that what they read is masked in what is recorded. */
  readonly secrets: Secrets;
  readonly busbarVersion: string;
  readonly readDefinition: ReadDefinition;
  readonly observers?: readonly RunObserver[];
  /** Keeps what containers write; dropped if left out. */
  readonly logs?: Pick<RunLogs, "open">;
}

/** Drives runs in this process over an embedded journal. The journal and the executors stay the caller's to close. */
export function createLocalRuntime(options: LocalRuntimeOptions): Runtime {
  const { journal, clock, ids, readDefinition } = options;
  const drivers = new Map<string, Driver>();
  const watcher = createWatcher(journal, clock);
  const desk = createRequestDesk(journal, clock, drivers);
  const observers = options.observers ?? [];
  const context: DriverContext = {
    journal,
    executors: options.executors,
    clock,
    random: options.random,
    secrets: options.secrets,
    slots: createSlots(),
    ...(options.logs === undefined ? {} : { logs: options.logs }),
    observe(events) {
      for (const observer of observers) observer(events);
      watcher.wake();
    },
  };

  async function drive(
    ...input: Parameters<typeof createDriver> extends [unknown, ...infer Rest] ? Rest : never
  ): Promise<Driver> {
    const [{ runId }] = input;
    // Whoever asked looked before it read the journal; somebody else here may have been quicker.
    if (drivers.has(runId)) throw ownedHere(runId);
    const driver = createDriver(context, ...input);
    drivers.set(runId, driver);
    const forget = (): void => {
      drivers.delete(runId);
      desk.update();
      watcher.wake();
    };
    driver.ended.then(forget, forget);
    desk.update();
    await driver.owned;
    return driver;
  }

  async function start({ workflow, params, runId = ids.runId(), preflight }: StartInput): Promise<RunHandle> {
    if (!RUN_ID_PATTERN.test(runId))
      throw new BusbarError(
        "RUN_ID_INVALID",
        `"${runId}" is not a run id: those are 1 to 64 letters, digits, dots, underscores and hyphens, the first a letter or digit`,
      );
    refuseUnknownExecutors(workflow, options.executors);
    if (drivers.has(runId)) throw runExists(runId);
    const at = new Date(clock.now()).toISOString();
    const state = createRunState(runId, bindFor(workflow, params, runId, at));
    const beginning: Beginning = {
      kind: "create",
      definition: workflow.definition,
      at,
      created: {
        type: "run.created",
        definition_hash: workflow.definition.hash,
        params,
        busbar_version: options.busbarVersion,
      },
    };
    const { ended } = await drive(state, beginning, preflight);
    return { runId, ended };
  }

  async function resume(runId: string, { by, workflow: changed, preflight }: ResumeOptions): Promise<ResumedRun> {
    if (drivers.has(runId)) throw ownedHere(runId);
    const loaded = await loadRun(journal, readDefinition, runId);
    const { state, record } = loaded;
    if (state.status === "succeeded") {
      throw new BusbarError("RUN_ALREADY_SUCCEEDED", `run ${runId} has succeeded; there is nothing to resume`);
    }
    refuseLiveOwner(record, journal.ownerId);
    const workflow = changed ?? loaded.workflow;
    refuseUnknownExecutors(workflow, options.executors);
    const from = state.status === "failed" || state.status === "cancelled" ? state.status : "interrupted";
    const begunAnew = changed === undefined ? new Set<string>() : changeWorkflow(loaded, changed);
    const reset = state.byPosition
      .filter(({ id, status }) => (isSettledNode(status) ? status !== "succeeded" : begunAnew.has(id)))
      .map((node) => node.id);
    const resumed: RunResumed = { type: "run.resumed", from, by, reset, definition_hash: workflow.definition.hash };
    const stale = await journal.readRequests(runId, { unanswered: true });
    const beginning: Beginning = {
      kind: "resume",
      resumed,
      superseded: stale,
      ...(changed === undefined ? {} : { definition: changed.definition }),
    };
    const { ended } = await drive(state, beginning, preflight);
    return { runId, ended, from, reset };
  }

  return {
    start,
    resume,
    request: (input) =>
      desk.request(input, async (record) => {
        const { state } = await loadRun(journal, readDefinition, input.runId);
        await drive(state, { kind: "answer", request: record });
      }),
    async get(runId): Promise<RunView> {
      return viewOf(await loadRun(journal, readDefinition, runId));
    },
    async list(filter?: RunFilter): Promise<readonly RunListing[]> {
      return (await journal.listRuns(filter)).map(listingOf);
    },
    async events(runId: string, afterSeq = 0): Promise<readonly RunEvent[]> {
      if ((await journal.readRun(runId)) === undefined) {
        throw new BusbarError("RUN_NOT_FOUND", `there is no run ${runId} in this state directory`);
      }
      return journal.readEvents(runId, afterSeq);
    },
    watch: (runId: string, watchOptions: WatchOptions = {}) => watcher.watch(runId, watchOptions),
    async close(): Promise<void> {
      const error = new BusbarError("RUN_LEFT", "this process let go of the run before it ended");
      await Promise.all([...drivers.values()].map((driver) => driver.leave(error)));
      desk.close();
      watcher.close();
    },
  };
}

function refuseUnknownExecutors(workflow: Workflow, executors: Executors): void {
  const missing = workflow.nodes.find((node) => executors[node.executor] === undefined);
  if (missing === undefined) return;
  throw new BusbarError(
    "EXECUTOR_NOT_AVAILABLE",
    `${missing.id} is a ${missing.executor} node; nothing here runs those`,
  );
}

/** An owner that lives but has no driver for the run is this process, which let go of it. */
function refuseLiveOwner({ runId, summary, owner }: RunRecord, me: string): void {
  if (isTerminalRun(summary.status) || !owner.alive || owner.id === me) return;
  throw new BusbarError(
    "RUN_OWNED",
    `run ${runId} is being driven by process ${owner.pid} on ${owner.host}, started ${owner.startedAt}`,
    { details: { run_id: runId, pid: owner.pid, host: owner.host, started_at: owner.startedAt } },
  );
}

function ownedHere(runId: string): BusbarError {
  return new BusbarError("RUN_OWNED", `run ${runId} is being driven by this process`, { details: { run_id: runId } });
}

function runExists(runId: string): BusbarError {
  return new BusbarError("RUN_EXISTS", `there is a run ${runId} already`);
}

/**
 * Puts the changed workflow under the run; refuses one that changes what has already succeeded.
 * @returns unsettled nodes that were tried as they were before: a retry or a lost attempt of theirs would be another request
 */
function changeWorkflow({ state }: LoadedRun, changed: Workflow): ReadonlySet<string> {
  const bound = bindFor(changed, state.params, state.runId, state.createdAt);
  const idsOf = (which: (node: NodeState) => boolean) => state.byPosition.filter(which).map((node) => node.id);
  const succeeded = idsOf((node) => node.status === "succeeded");
  const differences = [...diffNodes(state.workflow, bound, succeeded).values()].flat();
  if (differences.length > 0) {
    throw new BusbarError(
      "RESUME_FILE_DIFFERS",
      `the changed file changes nodes that have succeeded: ${differences.join("; ")}`,
      {
        details: { differences },
      },
    );
  }
  const tried = idsOf((node) => !isSettledNode(node.status) && node.attempts.length > 0);
  const begunAnew = new Set(diffNodes(state.workflow, bound, tried).keys());
  rebase(state, bound);
  return begunAnew;
}
