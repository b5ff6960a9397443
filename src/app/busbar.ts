import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { openSqliteJournal } from "../adapters/journal-sqlite/journal.ts";
import { openLogFile } from "../adapters/log-file/log-file.ts";
import { createSystemIds } from "../adapters/system/ids.ts";
import { createSystemRandom } from "../adapters/system/random.ts";
import type { Finding } from "../engine/finding.ts";
import type { RequestKind } from "../engine/requests.ts";
import { isTerminalRun } from "../engine/status.ts";
import { describeFailure } from "../kernel/describe-failure.ts";
import { type ErrorInfo, toErrorInfo } from "../kernel/errors.ts";
import { timestampOf } from "../kernel/timestamp.ts";
import type { AuditLog, TokenStore } from "../ports/access.ts";
import type { Executor } from "../ports/executor.ts";
import type { RunOrigin } from "../ports/run-facts.ts";
import type { Outcomes } from "../ports/run-outcomes.ts";
import type { CloseOptions, RequestResult, Runtime } from "../ports/runtime.ts";
import type { OnStall } from "../runtimes/local/context.ts";
import type { RunObserver } from "../runtimes/local/observers.ts";
import { createLocalRuntime, type LocalRuntime, type LocalRuntimeOptions } from "../runtimes/local/runtime.ts";
import type { Executors } from "../runtimes/shared/executors.ts";
import { type PrunedRun, type PruneOptions, prune, pruneRun } from "../runtimes/shared/prune.ts";
import type { PolicyInput } from "../workflow/policy/read-policy.ts";
import { describeCaller } from "./caller.ts";
import { type CheckInput, type CheckOptions, checkDefinition } from "./check.ts";
import type { ReadWorkflow } from "./definitions.ts";
import { closeExecutors, createExecutors } from "./executors.ts";
import { openRunLogs } from "./run-logs.ts";
import type { Shared } from "./shared.ts";
import { timeCommits } from "./time-commits.ts";
import { BUSBAR_VERSION } from "./version.ts";

/** Runs workflows in this process, and records them in a state directory. */
export interface Busbar extends Runtime {
  /**
   * Asks the run's owner to cancel it, whichever process that is. Resolves when the owner has answered: `wait` then
   * says how the run ended.
   * @throws BusbarError RUN_NOT_FOUND, RUN_ALREADY_ENDED, JOURNAL_…; the signal's reason
   */
  cancel(runId: string, options?: CancelOptions): Promise<RequestResult>;
  /**
   * Asks the run's owner to start no more attempts, whichever process that is; outstanding ones run to their end. Of a
   * run that nobody drives this is recorded, and nobody drives it still. Resolves when the owner has answered, with the
   * event that paused the run.
   * @throws BusbarError RUN_NOT_FOUND, RUN_ALREADY_ENDED, JOURNAL_…; the signal's reason
   */
  pause(runId: string, options?: PauseOptions): Promise<RequestResult>;
  /** Asks the run's owner to go on; as {@link pause}. Refused with RUN_NOT_PAUSED where the run is not paused. */
  unpause(runId: string, options?: PauseOptions): Promise<RequestResult>;
  /**
   * Reads a workflow file: the definition for `start`, or what is wrong with it.
   * @throws BusbarError FILE_TYPE_UNKNOWN, WORKFLOW_NOT_FOUND
   */
  readWorkflow(path: string): Promise<ReadWorkflow>;
  /**
   * Checks what a run would need (services, images, mounts) without making one; all findings at once.
   * @throws BusbarError with the code of the first problem of the definition or the params; the signal's reason
   */
  check(input: CheckInput, options?: CheckOptions): Promise<readonly Finding[]>;
  /**
   * Lets go of everything. Runs that are still driven are left interrupted; nothing starts after it. A second call
   * waits for the first.
   */
  close(options?: CloseOptions): Promise<void>;
}

/** Whose wish a cancel is, and why. */
export interface CancelOptions extends PauseOptions {
  /** Recorded with the request. */
  readonly reason?: string;
}

/** Whose wish a pause is, or an unpause. */
export interface PauseOptions {
  /** Who asks, for people. Default: `user@host`. */
  readonly by?: string;
  /** Ends the waiting, not the request. */
  readonly signal?: AbortSignal;
}

/** Where a Busbar records its runs, and what it runs them with. */
export interface BusbarOptions {
  /** Where runs are recorded; made if it is not there. */
  readonly stateDir: string;
  /** Looks up what workflows name as `${env.NAME}`; what it has given is masked in what is recorded. Default: `process.env`. */
  readonly env?: (name: string) => string | undefined;
  /**
   * What the host allows workflows, with the keys of docs/reference/policy.md. `{}` allows nothing but services at
   * ordinary addresses, as befits a server. Left out: what the user of this process may do.
   */
  readonly policy?: PolicyInput;
  /** Accepts a state directory on a network file system, where locks and fsync cannot be trusted. */
  readonly allowRemoteState?: boolean;
  /** Own executors by the kind of node that they run, instead of Busbar's. They stay the caller's to close. */
  readonly executors?: Executors;
  /** Told of every event once it is durable. What they throw is told to `onTrouble`, and stops no run. */
  readonly observers?: readonly RunObserver[];
  /** What becomes of a run while the journal takes nothing, because the disk is full for example. Default: `retry`. */
  readonly onStall?: OnStall;
  /** Told of what runs survive: an observer that throws, a journal that stalls. Default: a process warning. */
  readonly onTrouble?: (trouble: unknown) => void;
  /** Folder of the log file orchestrator.log; none is written if it is left out. */
  readonly logDir?: string;
  /** What log lines call this machine. Default: the host's name. */
  readonly nodeName?: string;
}

/** A Busbar, and the log that it keeps. */
export interface Owner extends Busbar, Pick<LocalRuntime, "queueFacts" | "holdQueue"> {
  /** Writes a line to the log file, where there is one, of what happened to this process rather than to a run. */
  note(level: "WARNING" | "ERROR", message: string): void;
  /** Deletes a run that has ended, with its logs; false where it has not ended, or ended a moment ago. */
  deleteRun(runId: string): Promise<boolean>;
  /** Who may use a server on this state directory, and who did what. */
  readonly tokens: TokenStore;
  readonly audit: AuditLog;
  /** Deletes ended runs, with their logs. */
  prune(options: PruneOptions, onDamage: (error: ErrorInfo) => void): AsyncIterable<PrunedRun>;
  /** What became of the runs that have ended, for counting. */
  readonly readOutcomes: Outcomes["readOutcomes"];
  readonly countRuns: Outcomes["countRuns"];
  /** Lets go of the runs that are driven here, as `close` does, and leaves open what `close` closes. */
  letGo(options?: CloseOptions): Promise<void>;
}

/** Secrets are read through what is shared, and the policy is part of it. */
export interface OwnerOptions extends Omit<BusbarOptions, "env" | "policy"> {
  /** Who starts runs through it. */
  readonly origin: RunOrigin;
  /** Told of each run that begins to be driven here. */
  readonly onDrive?: LocalRuntimeOptions["onDrive"];
  /** Puts something around the executors, which stay Busbar's to close. */
  readonly around?: (executor: Executor) => Executor;
  /** How many runs go on at once; left out: all. */
  readonly queue?: LocalRuntimeOptions["queue"];
  /** Told how long it took each time to make something durable. */
  readonly onCommit?: (ms: number) => void;
}

/**
 * Opens a state directory as an owner of runs, and joins journal, executors, logs and runtime.
 * @throws BusbarError JOURNAL_…
 */
export async function openOwner(options: OwnerOptions, shared: Shared): Promise<Owner> {
  const { stateDir, allowRemoteState = false, onTrouble: tell = warn, observers = [], onStall, logDir } = options;
  const { clock, secrets, definitions, policy } = shared;
  const ids = createSystemIds();
  const journal = await openSqliteJournal({
    stateDir,
    clock,
    ids,
    pid: process.pid,
    host: hostname(),
    busbarVersion: BUSBAR_VERSION,
    allowRemoteState,
  });
  // Without the cause itself: whoever shows an error tells its causes too, and this one is told in words.
  const goOnWithout = (what: string, cause: unknown): Error =>
    new Error(`${what}: ${describeFailure(cause)}; going on without it`);
  const log =
    logDir === undefined
      ? undefined
      : openLogFile({
          folder: logDir,
          node: options.nodeName ?? hostname(),
          mask: secrets.mask,
          nowIso: () => timestampOf(clock.now()),
          onTrouble: (cause) => tell(goOnWithout(`the log file in ${logDir} cannot be written`, cause)),
        });
  const note: Owner["note"] = (level, message) => log?.note({ timestamp: timestampOf(clock.now()), level, message });
  const onTrouble = (trouble: unknown): void => {
    note("WARNING", toErrorInfo(trouble).message);
    tell(trouble);
  };
  const ours = createExecutors({
    ...shared,
    ids,
    journal: { ...journal.identity, ownerId: journal.ownerId },
    async isOver(runId) {
      const run = await journal.readRun(runId);
      return run !== undefined && isTerminalRun(run.summary.status);
    },
  });
  const logs = openRunLogs(stateDir, shared, (cause) =>
    onTrouble(goOnWithout(`what containers write cannot be kept in ${stateDir}`, cause)),
  );
  const {
    around = (executor) => executor,
    executors: { grpc = around(ours.grpc), docker = around(ours.docker) } = {},
  } = options;
  const executors: Executors = { grpc, docker };
  const { onCommit } = options;
  const runtime = createLocalRuntime({
    journal: onCommit === undefined ? journal : timeCommits(journal, clock, onCommit),
    executors,
    clock,
    random: createSystemRandom(),
    ids,
    secrets,
    busbarVersion: BUSBAR_VERSION,
    readDefinition: definitions.read,
    origin: options.origin,
    ...(options.onDrive === undefined ? {} : { onDrive: options.onDrive }),
    ...(options.queue === undefined ? {} : { queue: options.queue }),
    ...(policy === undefined ? {} : { policy }),
    observers: log === undefined ? observers : [log.write, ...observers],
    logs,
    onTrouble,
    ...(onStall === undefined ? {} : { onStall }),
  });
  let closing: Promise<void> | undefined;

  async function close(closeOptions: CloseOptions | undefined): Promise<void> {
    await runtime.close(closeOptions);
    await closeExecutors(ours);
    await journal.close();
    log?.close();
  }
  const ask = (kind: RequestKind, runId: string, { by = describeCaller(), reason, signal }: CancelOptions = {}) =>
    runtime.request({
      ...{ runId, kind, key: `${kind}/${randomUUID()}`, by },
      ...(reason === undefined ? {} : { reason }),
      ...(signal === undefined ? {} : { signal }),
    });
  return {
    ...runtime,
    cancel: (runId, cancelOptions) => ask("cancel", runId, cancelOptions),
    pause: (runId, pauseOptions) => ask("pause", runId, pauseOptions),
    unpause: (runId, pauseOptions) => ask("unpause", runId, pauseOptions),
    readWorkflow: definitions.readWorkflow,
    check: (input, checkOptions) => checkDefinition({ ...shared, executors }, input, checkOptions),
    note,
    tokens: journal.tokens,
    audit: journal.audit,
    deleteRun: (runId) => pruneRun({ journal, logs, clock }, runId),
    prune: (pruneOptions, onDamage) => prune({ journal, logs, clock, onDamage }, pruneOptions),
    readOutcomes: journal.readOutcomes,
    countRuns: journal.countRuns,
    letGo: (closeOptions) => runtime.close(closeOptions),
    close(closeOptions) {
      closing ??= close(closeOptions);
      return closing;
    },
  };
}

/** Where nobody else is told. */
export function warn(trouble: unknown): void {
  process.emitWarning(trouble instanceof Error ? trouble : String(trouble));
}
