import type { EventBody, RunCancelled, RunEvent, RunFailed, RunSucceeded } from "../engine/events.ts";
import type { AttemptOutcome, NodeStatus } from "../engine/status.ts";
import type { RunSummary } from "../engine/summary.ts";
import type { ErrorInfo } from "../kernel/errors.ts";
import type { Json } from "../kernel/json.ts";
import type { ParamValues, Workflow } from "../spec/workflow.ts";
import type { PreflightOptions } from "./executor.ts";
import type { Finding } from "./finding.ts";
import type { NewRequest, Owner, RequestAnswer, RequestKind, RunFilter } from "./journal.ts";

/**
 * What drives runs, and all that CLI, API and dashboard see.
 * One contract suite (testing/runtime-suite.ts) runs on every implementation.
 *
 * R1  `start` resolves when `run.created` is durable; a refused start makes no run.
 * R2  `resume` is refused with RUN_ALREADY_SUCCEEDED, RUN_OWNED (live owner), RUN_NOT_FOUND or RESUME_FILE_DIFFERS.
 * R3  Nobody but the owner appends: `request` is durable first, then answered by the owner, or, if no owner
 *     lives, by taking the run over.
 * R4  `watch` gives every event after `afterSeq` once, in order, each only when durable, and ends after a
 *     terminal event, or when the owner is dead and nothing is left to read.
 * R5  What `get` and `list` say follows from the events alone, but for `owner.alive`.
 */
export interface Runtime {
  start(input: StartInput): Promise<RunHandle>;
  resume(runId: string, options: ResumeOptions): Promise<ResumedRun>;
  request(input: RequestInput): Promise<RequestAnswer>;
  get(runId: string): Promise<RunView>;
  list(filter?: RunFilter): Promise<readonly RunListing[]>;
  events(runId: string, afterSeq?: number): Promise<readonly RunEvent[]>;
  watch(runId: string, options?: WatchOptions): AsyncIterable<RunEvent>;
  /** Aborts the runs driven here without recording an end: they are left interrupted. */
  close(): Promise<void>;
}

/** A run to start. */
export interface StartInput {
  readonly workflow: Workflow;
  readonly params: ParamValues;
  /** Made by the runtime if left out. */
  readonly runId?: string;
  /** Left out: no preflight. */
  readonly preflight?: PreflightInput;
}

/** How the services are checked before anything is called. */
export interface PreflightInput extends PreflightOptions {
  /** Told of everything that was found, warnings too. */
  readonly onFindings?: (findings: readonly Finding[]) => void;
}

/** Who resumes a run, and with what. */
export interface ResumeOptions {
  readonly by: string;
  /** A changed workflow instead of the stored one. */
  readonly workflow?: Workflow;
  readonly preflight?: PreflightInput;
}

/** A run that is driven here. */
export interface RunHandle {
  readonly runId: string;
  /**
   * The terminal event, when the run has ended. Rejects with a BusbarError where the run could not be
   * driven to an end (JOURNAL_…, INTERNAL) or `close` left it: it is then interrupted.
   */
  readonly ended: Promise<TerminalEvent>;
}

/** The events that end a run (E5). */
export type TerminalEvent = Extract<RunEvent, RunSucceeded | RunFailed | RunCancelled>;

/** A run that goes on. */
export interface ResumedRun extends RunHandle {
  readonly from: "failed" | "cancelled" | "interrupted";
  readonly reset: readonly string[];
}

/** What is asked of a run, and by whom. */
export interface RequestInput extends Pick<NewRequest, "runId" | "key" | "by" | "reason"> {
  readonly kind: RequestKind;
  /** Told when the request is durable: whatever becomes of the asker, it will be looked at. */
  readonly onRecorded?: () => void;
}

/** From where events are watched, and until when. */
export interface WatchOptions {
  readonly afterSeq?: number;
  readonly signal?: AbortSignal;
}

/** A run as lists show it; as in `--json` output, hence snake_case. */
export interface RunListing extends RunSummary {
  readonly run_id: string;
  readonly definition_hash: string;
  /** Absolute path of the workflow file, if there was one. */
  readonly file?: string;
  readonly last_seq: number;
  /** Of an unfinished run; dead means interrupted. */
  readonly owner?: Pick<Owner, "pid" | "host" | "alive"> & { readonly started_at: string };
}

/** All that is known of a run. */
export interface RunView extends RunListing {
  readonly params: ParamValues;
  /** The workflow as stored, before references are filled in. */
  readonly definition_text: string;
  readonly cancel_requested: boolean;
  readonly paused: boolean;
  /** In file order. */
  readonly nodes: readonly NodeView[];
}

/** A node of a run, with its attempts. */
export interface NodeView {
  readonly id: string;
  readonly status: NodeStatus;
  /** Ids of the nodes it waits for. */
  readonly upstream: readonly string[];
  readonly attempts: readonly AttemptView[];
  /** Of the last attempt. */
  readonly request?: Json;
  readonly output?: Json;
  readonly error?: ErrorInfo;
  readonly reason?: Extract<EventBody, { type: "node.skipped" }>["reason"];
  readonly because?: string;
  readonly retry_at?: string;
}

/** One attempt of a node. */
export interface AttemptView {
  readonly attempt: number;
  readonly idempotency_key: string;
  readonly started_at: string;
  /** Absent while it is outstanding. */
  readonly outcome?: AttemptOutcome;
  readonly duration_ms?: number;
  readonly error?: ErrorInfo;
  readonly retry_at?: string;
}
