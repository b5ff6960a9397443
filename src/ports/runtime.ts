import type { EventBody, RunCancelled, RunEvent, RunFailed, RunResumed, RunSucceeded } from "../engine/events.ts";
import type { Explanation } from "../engine/explanation.ts";
import type { Finding } from "../engine/finding.ts";
import type { RequestAnswer, RequestKind } from "../engine/requests.ts";
import type { AttemptOutcome, NodeStatus } from "../engine/status.ts";
import type { RunSummary } from "../engine/summary.ts";
import type { ErrorInfo } from "../kernel/errors.ts";
import type { Json } from "../kernel/json.ts";
import type { Definition } from "../workflow/model/definition.ts";
import type { ParamValues } from "../workflow/model/param.ts";
import type { NewAuditEntry } from "./access.ts";
import type { PreflightOptions } from "./executor.ts";
import type { FeedItem } from "./feed.ts";
import type { Idempotency, KeyedRun, RunFacts } from "./run-facts.ts";
import type { RunFilter } from "./run-filter.ts";
import type { LogFilter, LogLine } from "./run-logs.ts";

/**
 * What drives runs, and all that CLI, API and dashboard see of them: to look (`RunReader`) and to act
 * (`RunControl`). What crosses it is JSON, AbortSignals and async iterables, so that it can be spoken over a wire;
 * one contract suite (testing/runtime-suite.ts) runs on every implementation, also through a proxy that clones.
 *
 * R1  `start` resolves when `run.created` is durable; a refused start makes no run. Two starts or reruns with one
 *     idempotency key make one run, which both are told of; another hash is refused with IDEMPOTENCY_KEY_USED, before
 *     anything else is looked at.
 * R2  `resume` is refused with RUN_ALREADY_SUCCEEDED, RUN_OWNED (live owner), RUN_NOT_FOUND or RESUME_FILE_DIFFERS;
 *     a recovery also with RUN_ALREADY_ENDED, RECOVERED_IN_VAIN or RUN_MISSING_ENV.
 *     `rerun` is refused with RUN_OWNED (live owner), RUN_NOT_FOUND, RERUN_NOTHING, RERUN_NODE_UNKNOWN, or
 *     RERUN_DIFFERS where what would be kept is not the same; otherwise as `start`. The other run stays as it is.
 * R3  Nobody but the owner appends: a request is durable first, then answered by the owner, or, where nobody drives
 *     the run, by taking it over: to end it, where it is to be cancelled; otherwise only to record the answer, and the
 *     run is left as it stands. No attempt starts while a run is paused; `resume` unpauses it.
 * R4  `watch` gives every event after `afterSeq` once, in order, each only when durable, and ends after a
 *     terminal event, or when the owner is dead and nothing is left to read.
 * R5  What `get` and `list` say follows from the events alone, but for `owner` and what `explanation` makes of it and
 *     of the time of day. What is said of one run is as of one moment.
 * R6  `wait` settles when the run has ended, or when nobody drives it any more; it then rejects.
 * R7  `feed` gives every event of all runs after its cursor once, those of one run in their order, each only when
 *     durable, whoever records them; what it cannot give (deleted, damaged, not of this journal) it tells.
 */
export interface Runtime extends RunReader, RunControl {}

/** What a caller can do that only looks at runs. */
export interface RunReader {
  /** @throws BusbarError RUN_NOT_FOUND, JOURNAL_… */
  get(runId: string): Promise<RunView>;
  /** Newest first. @throws BusbarError USAGE for a `before` that no list gave; JOURNAL_… */
  list(filter?: RunFilter): Promise<RunList>;
  /**
   * The id of the run that a person means: one that is so called, else by `last` the newest, else the only one that
   * begins so.
   * @throws BusbarError RUN_NOT_FOUND, RUN_AMBIGUOUS, JOURNAL_…
   */
  resolve(name: string): Promise<string>;
  /**
   * Events with `seq` > afterSeq, in order; no more than `limit`, where one is given.
   * @throws BusbarError RUN_NOT_FOUND, JOURNAL_…
   */
  events(runId: string, afterSeq?: number, limit?: number): Promise<readonly RunEvent[]>;
  watch(runId: string, options?: WatchOptions): AsyncIterable<RunEvent>;
  /**
   * The events of all runs. It ends after what is recorded, unless it follows.
   * @throws BusbarError USAGE for what is no cursor; JOURNAL_…
   */
  feed(options?: FeedOptions): AsyncIterable<FeedItem>;
  /**
   * The terminal event of the run, once it has ended.
   * @throws BusbarError RUN_NOT_FOUND; why the run could not be driven to an end (JOURNAL_…, INTERNAL, RUN_LEFT): it
   *   is then interrupted; the signal's reason
   */
  wait(runId: string, options?: WaitOptions): Promise<TerminalEvent>;
  /** The run that was started with this idempotency key, as long as it is there. @throws BusbarError JOURNAL_… */
  findByKey(key: string): Promise<KeyedRun | undefined>;
  /** What the attempts of a run have written, where that is kept. */
  logs(runId: string, filter?: LogFilter): AsyncIterable<LogLine>;
}

/** What a caller can do that acts on runs. */
export interface RunControl {
  start(input: StartInput): Promise<StartedRun>;
  resume(runId: string, options: ResumeOptions): Promise<ResumedRun>;
  /** Makes a new run of another, and keeps of it what need not be done again. */
  rerun(runId: string, options?: RerunOptions): Promise<RerunRun>;
  request(input: RequestInput): Promise<RequestResult>;
}

/** The text of a workflow file. */
export type DefinitionText = Pick<Definition, "format" | "text" | "file">;

/** How a run is made. */
export interface NewRunOptions {
  /** Made by the runtime if left out. */
  readonly runId?: string;
  /** Of a run that has to wait for its turn, -100 to 100: higher goes first. Default: 0. */
  readonly priority?: number;
  /** By what this start is known again, so that it is safe to ask twice. */
  readonly idempotency?: Idempotency;
  /** Left out: no preflight. */
  readonly preflight?: PreflightOptions;
  /** Who makes it, for the audit log: stored in the commit that records the run, with its id and workflow. */
  readonly audit?: NewAuditEntry;
}

/** A run to start. */
export interface StartInput extends NewRunOptions {
  readonly definition: DefinitionText;
  /** By name, each of the type it is declared with; those with a default may be left out. */
  readonly params?: ParamValues;
}

/** A run that is there. */
export interface StartedRun {
  readonly runId: string;
  /** It was started before, with the same idempotency key, and nothing has been done now. */
  readonly again?: true;
}

/** Who resumes a run, and with what. */
export interface ResumeOptions {
  readonly by: string;
  /** A changed workflow instead of the stored one. */
  readonly definition?: DefinitionText;
  /**
   * For whoever takes up what is interrupted on nobody's word, as a server does when it starts. The run goes on as it
   * would have gone: it stays paused, a cancel is driven to its end, what was asked meanwhile is answered, what failed
   * has failed. Refused with RECOVERED_IN_VAIN where three such recoveries had something at work and no attempt had an
   * outcome. Left out: whoever resumes the run wants it to go on.
   */
  readonly recovery?: boolean;
  readonly preflight?: PreflightOptions;
}

/** A run that goes on. */
export interface ResumedRun {
  readonly runId: string;
  readonly from: RunResumed["from"];
  readonly reset: readonly string[];
  /** The run as it stood before, on the nodes that it has from now on. */
  readonly before: RunView;
}

/** How a run is repeated. */
export interface RerunOptions extends NewRunOptions {
  /**
   * Ids of nodes that run again, with all that depends on them, whatever became of them. What did not succeed runs
   * again anyway.
   */
  readonly from?: readonly string[];
  /** By name. Those left out are the other run's, as far as the workflow still declares them. */
  readonly params?: ParamValues;
  /** Instead of the workflow that the other run has recorded. */
  readonly definition?: DefinitionText;
}

/** A new run, made of another. */
export interface RerunRun extends StartedRun {
  /** Ids of the nodes whose outputs are the other run's. */
  readonly kept: readonly string[];
}

/** What is asked of a run, and by whom. */
export interface RequestInput {
  readonly runId: string;
  readonly kind: RequestKind;
  /** Two requests of a run with one key are one request. */
  readonly key: string;
  /** Who asks, for people. */
  readonly by: string;
  readonly reason?: string;
  /**
   * `recorded`: resolves as soon as the request is durable; it is answered even if this process ends then. Default:
   * `answered`.
   */
  readonly until?: "recorded" | "answered";
  /** Ends the waiting, not the request. */
  readonly signal?: AbortSignal;
}

/** The answer, or `recorded` where the caller waited for no more than that. */
export type RequestResult = RequestAnswer | { readonly kind: "recorded" };

/** From where events are watched, and until when. */
export interface WatchOptions {
  readonly afterSeq?: number;
  readonly signal?: AbortSignal;
}

/** From where the events of all runs are given, and until when. */
export interface FeedOptions {
  /** The cursor of an item that a feed has given, or `now`. Left out: from the beginning. */
  readonly after?: string;
  /** Goes on with what is recorded later, until the signal aborts. */
  readonly follow?: boolean;
  readonly signal?: AbortSignal;
}

/** Until when an end is waited for. */
export interface WaitOptions {
  readonly signal?: AbortSignal;
}

/** How a runtime is closed. */
export interface CloseOptions {
  /**
   * Milliseconds that calls in flight have to end by themselves, so that their outcomes are recorded; none starts
   * meanwhile. What has not ended then is aborted. Default: 0.
   */
  readonly graceMs?: number;
}

/** The events that end a run (E5). */
export type TerminalEvent = Extract<RunEvent, RunSucceeded | RunFailed | RunCancelled>;

/** A list of runs, newest first. */
export interface RunList {
  readonly runs: readonly RunListing[];
  /** Runs that cannot be shown, and why. */
  readonly damaged: readonly ErrorInfo[];
  /** Where the list goes on (`RunFilter.before`), if there is more than the limit let through. */
  readonly next?: string;
}

/** A run in a list. */
export interface RunListing extends RunSummary, RunFacts {
  readonly run_id: string;
  readonly definition_hash: string;
  /** Absolute path of the workflow file, if there was one. */
  readonly file?: string;
  readonly last_seq: number;
  /** No attempt starts until somebody unpauses the run. */
  readonly paused: boolean;
  /** Of an unfinished run. */
  readonly owner?: RunOwner;
}

/** Who drives the run, or did: a process (`pid`, `host`) or a cluster (`cluster`). */
export interface RunOwner {
  readonly pid?: number;
  readonly host?: string;
  /** Where the cluster is, and what it calls the drive: the id of an invocation of Restate. */
  readonly cluster?: { readonly url: string; readonly invocation: string };
  /** Whether the process still has the journal open, or the cluster the drive; if not, the run is interrupted. */
  readonly alive: boolean;
  /** RFC 3339; when the process opened the journal, or the drive was submitted. */
  readonly started_at: string;
  /** Since when the journal refuses to record more, and why; the owner tries again. Known to the owner alone. */
  readonly stalled?: { readonly since: string; readonly error: ErrorInfo };
}

/** All that is known of a run. */
export interface RunView extends RunListing {
  readonly params: ParamValues;
  /** The run that this one repeats. */
  readonly source?: string;
  /**
   * The workflow as stored, before references are filled in; `***` in the place of literal values of metadata and of
   * containers' variables. `definition_hash` is that of the text as stored.
   */
  readonly definition_text: string;
  readonly definition_format: Definition["format"];
  readonly cancel_requested: boolean;
  /** What preflight found since the run was created or last resumed. */
  readonly findings: readonly Finding[];
  /** Why the run and its nodes stand where they stand, and what to do next. */
  readonly explanation: Explanation;
  /** In file order. */
  readonly nodes: readonly NodeView[];
}

/** A node of a run, with its attempts. */
export interface NodeView {
  readonly id: string;
  readonly status: NodeStatus;
  /** Ids of the nodes it waits for. */
  readonly upstream: readonly string[];
  /** What it calls, of a node that calls a service. */
  readonly service?: { readonly name: string; readonly address: string };
  /** Bounds one attempt. */
  readonly timeout_ms?: number;
  readonly attempts: readonly AttemptView[];
  /** Of the last attempt. */
  readonly request?: Json;
  readonly output?: Json;
  /** The run whose output it is, where it is another's. */
  readonly reused_from?: string;
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
