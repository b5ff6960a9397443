import { standingAnswers } from "../../engine/answer-request.ts";
import type { RunResumed } from "../../engine/events.ts";
import type { RequestAnswer } from "../../engine/requests.ts";
import { createRunState } from "../../engine/state.ts";
import { isTerminalRun } from "../../engine/status.ts";
import type { Clock } from "../../kernel/clock.ts";
import { BusbarError } from "../../kernel/errors.ts";
import type { Ids } from "../../kernel/ids.ts";
import type { Random } from "../../kernel/random.ts";
import type { Secrets } from "../../kernel/secrets.ts";
import type { Journal } from "../../ports/journal.ts";
import type { RequestRecord } from "../../ports/requests.ts";
import type { RunOrigin } from "../../ports/run-facts.ts";
import type { RunLogs } from "../../ports/run-logs.ts";
import type { CloseOptions, Runtime } from "../../ports/runtime.ts";
import type { HostPolicy } from "../../workflow/policy/policy.ts";
import type { Workflow } from "../../workflow/workflow.ts";
import type { Begin } from "../shared/begin.ts";
import { abilitiesOf, type Executors } from "../shared/executors.ts";
import { createFeeding } from "../shared/feed.ts";
import { loadRun, type ReadDefinition } from "../shared/load.ts";
import { createNewRuns } from "../shared/new-runs.ts";
import { ownedByThisProcess } from "../shared/owned.ts";
import { createReads } from "../shared/reader.ts";
import { createResuming } from "../shared/resuming.ts";
import { createRunQueue, type QueueFacts } from "../shared/run-queue.ts";
import { createSendRequest } from "../shared/send-request.ts";
import { createWatching } from "../shared/watch.ts";
import { createRequestAnswering } from "./answer-requests.ts";
import { within } from "./calls.ts";
import type { DriverContext, OnStall } from "./context.ts";
import { createDriver, type Driver, type DriverInput } from "./driver.ts";
import { joinObservers, type RunObserver } from "./observers.ts";
import { createRunRegistry } from "./run-registry.ts";
import { createSlots } from "./slots.ts";
import { createVersionLook } from "./version-look.ts";

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
  /**
   * What the host allows: asked before a run is recorded or goes on. The executors ask their own. Left out: what this
   * user may do.
   */
  readonly policy?: HostPolicy;
  /** Recorded with the runs that are made here. */
  readonly origin?: RunOrigin;
  /**
   * How many runs go on at once; more wait for their turn, as `concurrency` of their files says, too. Left out: all go on,
   * and `concurrency` means nothing.
   */
  readonly queue?: { readonly maxRuns: number };
  readonly observers?: readonly RunObserver[];
  /**
   * Told of each run that begins to be driven here, with its workflow, bound, and of its end or that it is left, which
   * settles the promise.
   */
  readonly onDrive?: (workflow: Workflow, ended: Promise<unknown>) => void;
  /** Keeps what containers write; dropped if left out. */
  readonly logs?: Pick<RunLogs, "open" | "read">;
  /** Default: `retry`. */
  readonly onStall?: OnStall;
  /** Told of what a run survives: an observer that throws, a journal that stalls. Default: a process warning. */
  readonly onTrouble?: (trouble: unknown) => void;
}

/** Drives runs in this process. */
export interface LocalRuntime extends Runtime {
  /**
   * Lets go of the runs that are driven here without recording an end: they are left interrupted. Nothing starts after
   * it, not even the next node of a run.
   */
  close(options?: CloseOptions): Promise<void>;
  /** How full its queue is, where it has one. */
  queueFacts(): QueueFacts | undefined;
  /**
   * Lets only runs that had started before go on, until the answer is called: for whoever takes up runs that others
   * left, of which some may go before those that are made meanwhile.
   */
  holdQueue(): () => void;
}

/** Drives runs in this process over an embedded journal. The journal and the executors stay the caller's to close. */
export function createLocalRuntime(options: LocalRuntimeOptions): LocalRuntime {
  const { journal, executors, clock, readDefinition, logs } = options;
  const onTrouble = safely(options.onTrouble ?? warn);
  const tellAll = joinObservers(options.observers ?? [], onTrouble);
  const runs = createRunRegistry(journal.ownerId, (runId) => {
    requests.update();
    watching.wake(runId);
    feeding.wake();
  });
  const version = createVersionLook(journal);
  const watching = createWatching(journal, clock, runs);
  const feeding = createFeeding(journal, clock);
  const requests = createRequestAnswering({ journal, version, clock, runs, takeOver });
  const reader = createReads({ journal, clock, readDefinition, local: runs, watching, feeding, ...(logs && { logs }) });
  const queue = options.queue && createRunQueue(options.queue.maxRuns);
  const context: DriverContext = {
    journal,
    version,
    executors,
    abilities: abilitiesOf(executors),
    clock,
    random: options.random,
    secrets: options.secrets,
    slots: createSlots(),
    ...(queue && { queue }),
    onStall: options.onStall ?? "retry",
    ...(logs === undefined ? {} : { logs }),
    observe(events) {
      tellAll(events);
      watching.observe(events);
      feeding.wake();
    },
    onTrouble,
  };
  let closed = false;

  const refuseClosed = (): void => {
    if (closed) throw new BusbarError("RUN_LEFT", "this runtime is closed: nothing starts or goes on here any more");
  };

  /** Resolves when the run is ours. */
  async function drive(input: DriverInput): Promise<void> {
    refuseClosed();
    // Whoever asked looked before it read the journal; somebody else here may have been quicker.
    const { runId } = input.state;
    if (runs.driverOf(runId) !== undefined) throw ownedByThisProcess(runId);
    const driver = createDriver(context, input);
    runs.add(driver);
    const { how } = input.begun;
    options.onDrive?.((how.kind === "resumed" ? how.workflow : undefined) ?? input.state.workflow, driver.ended);
    await driver.owned;
    for (const older of queue?.displacedBy(runId) ?? []) runs.driverOf(older)?.put({ type: "displaced", by: runId });
  }

  const begin: Begin = {
    async create({ row, how, workflow, preflight }) {
      const { runId, priority = 0 } = row;
      const queued = { runId, workflow, priority, hasStarted: false };
      queue?.refuseFull(queued);
      await drive({
        state: createRunState(runId, workflow),
        begun: { type: "begun", how, preflight: preflight !== undefined },
        queued,
        own: (append) => journal.create({ ...append, ...row }),
        ...(preflight === undefined ? {} : { preflight }),
      });
    },
    async resume({ record, state, how, definition, preflight }) {
      let resumed: RunResumed | undefined;
      await drive({
        state,
        begun: { type: "begun", how, preflight: preflight !== undefined },
        queued: {
          runId: record.runId,
          workflow: how.workflow ?? state.workflow,
          priority: record.priority ?? 0,
          hasStarted: state.startedAt !== undefined,
          n: record.n,
        },
        own(append) {
          resumed = append.events.find((event) => event.type === "run.resumed");
          return journal.takeOver(definition === undefined ? append : { ...append, definition });
        },
        ...(preflight === undefined ? {} : { preflight }),
      });
      return resumed;
    },
  };

  /** Answers a request to a run that nobody drives, and with it all others that wait. */
  async function takeOver(request: RequestRecord): Promise<RequestAnswer | undefined> {
    const { record, state, requests: known } = await loadRun(journal, readDefinition, request.runId);
    const unanswered = known.filter(({ answer }) => answer === undefined);
    // Somebody was quicker.
    if (isTerminalRun(state.status) || !unanswered.some(({ id }) => id === request.id)) return undefined;
    const answers = standingAnswers(state, unanswered);
    if (answers !== undefined) {
      const { runId, epoch, summary, owner } = record;
      // Of a run whose owner is dead nothing can be written without an event: whoever takes it up next answers again.
      if (owner.id === journal.ownerId) await journal.append({ runId, epoch, events: [], summary, answers });
      return answers.find(({ requestId }) => requestId === request.id)?.answer;
    }
    const how = { kind: "taken_over", requests: unanswered, lastRequestId: known.at(-1)?.id ?? 0 } as const;
    await drive({
      state,
      begun: { type: "begun", how, preflight: false },
      own: (append) => journal.takeOver(append),
    });
    return undefined;
  }

  /** What is asked of the runs meanwhile is answered. */
  async function drain(drivers: readonly Driver[], graceMs: number): Promise<void> {
    for (const driver of drivers) driver.put({ type: "draining" });
    await within(graceMs, clock, Promise.allSettled(drivers.map(({ ended }) => ended)));
  }

  return {
    ...reader,
    ...createNewRuns({ ...options, local: runs, refuseClosed, begin }),
    resume: createResuming({ ...options, local: runs, refuseClosed, begin }),
    queueFacts: () => queue?.facts(),
    holdQueue: () => queue?.hold() ?? (() => undefined),
    request: createSendRequest({ journal, clock, local: runs, takeOver }),
    async close({ graceMs = 0 } = {}) {
      closed = true;
      queue?.close();
      if (graceMs > 0) await drain([...runs.drivers()], graceMs);
      requests.close();
      const error = new BusbarError("RUN_LEFT", "this process let go of the run before it ended");
      await Promise.all([...runs.drivers()].map((driver) => driver.leave(error)));
      watching.close();
      feeding.close();
    },
  };
}

/** Whoever is told of trouble must not make more of it. */
function safely(tell: (trouble: unknown) => void): (trouble: unknown) => void {
  return (trouble) => {
    try {
      tell(trouble);
    } catch {
      // There is nobody left to tell.
    }
  };
}

function warn(trouble: unknown): void {
  process.emitWarning(trouble instanceof Error ? trouble : String(trouble));
}
