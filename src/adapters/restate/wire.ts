import type { RunEvent } from "../../engine/events.ts";
import type { Finding } from "../../engine/finding.ts";
import type { Created, Resumed, TakenOver } from "../../engine/inputs.ts";
import type { Outcome } from "../../engine/outcome.ts";
import type { Answer } from "../../engine/requests.ts";
import type { RunSummary } from "../../engine/summary.ts";
import type { ErrorInfo } from "../../kernel/errors.ts";
import type { Json } from "../../kernel/json.ts";
import type { Idempotency, KeyedRun, RunFacts } from "../../ports/run-facts.ts";
import type { Concurrency } from "../../workflow/model/concurrency.ts";
import type { Definition } from "../../workflow/model/definition.ts";
import type { Service } from "../../workflow/model/service.ts";

/**
 * The JSON that runtime, drives and attempts exchange over Restate, and that the object of a run keeps. Workers of two
 * versions serve one cluster while they are exchanged: shapes only grow, and what one does not know it leaves alone.
 */

/** Where a run stands: written with each turn, together with its events. */
export interface StoredHead extends RunFacts {
  readonly definitionHash: string;
  /** Absolute path of the workflow file, if there was one. */
  readonly file?: string;
  readonly summary: RunSummary;
  readonly lastSeq: number;
  readonly epoch: number;
  /** How many pages of events there are. */
  readonly pages: number;
  /** The events that follow them: none of a run that has ended. */
  readonly tail: readonly RunEvent[];
  /** Of Restate: the drive. */
  readonly invocation: string;
  /** What the submitter of the drive called it. */
  readonly token: string;
  /** The token of the first drive: this run's alone, whatever ids another cluster gives. */
  readonly identity?: string;
  /** When the drive was submitted, RFC 3339. */
  readonly drivenSince: string;
  readonly idempotency?: Idempotency;
  /** Of a run that is to wait for its turn, until it goes on. */
  readonly queue?: StoredQueue;
  /** What its file says of others beside it, with a key that is bound. */
  readonly concurrency?: Concurrency;
}

/** Where a run stands that has not gone on yet. */
export interface StoredQueue {
  /** How often the drive has asked whether it may go on. */
  readonly asks: number;
  /** It waits for the answer; a paused run does not. */
  readonly waits: boolean;
}

/** Lets a run go on, if it waits for just that. */
export interface AdmitInput {
  readonly epoch: number;
  readonly asks: number;
  readonly atMs: number;
}

/** Has a run give way to a newer one. */
export interface DisplaceInput {
  readonly by: string;
  readonly atMs: number;
}

/** What a drive begins with. */
export interface DriveInput extends RunFacts {
  /** One more than the run's; 1 of a run that is not there yet. */
  readonly epoch: number;
  /** Unlike that of any other submission: whoever finds it in the head knows that the run is driven as was asked. */
  readonly token: string;
  /** When it was submitted: milliseconds since 1970. */
  readonly atMs: number;
  /** 32 bits, for draws. */
  readonly seed: number;
  readonly how: Created | Omit<Resumed, "workflow"> | TakenOver;
  /** Of a new run, and of one that is resumed with a changed file. */
  readonly definition?: Definition;
  readonly preflight?: CheckLimits;
  readonly idempotency?: Idempotency;
  /** It waits for its turn: its submitter has a queue, and there is no room. */
  readonly queues?: boolean;
}

/** What the deletion of a run begins with. */
export interface DeleteInput {
  /** When it was asked for, RFC 3339. */
  readonly at: string;
  /** That of the head which said that the run had ended: a run that was resumed since then stays. Left out by older servers. */
  readonly epoch?: number;
}

/** How a drive ended: with the run, or why not. */
export type DriveEnd =
  | { readonly kind: "ended"; readonly seq: number }
  /** Nobody drives the run any more. With an error nothing was recorded, unless the drive had begun. */
  | { readonly kind: "left"; readonly error?: ErrorInfo; readonly hasBegun?: boolean }
  /** The run was not as the submitter took it to be, or another has its idempotency key; nothing was recorded. */
  | { readonly kind: "refused"; readonly epoch: number; readonly because?: "key" };

/** Who has an idempotency key. */
export interface ClaimedKey extends KeyedRun {
  /** Of the start that claims it, and of its drive. */
  readonly token: string;
  /** By the clock of whoever claims it: milliseconds since 1970. */
  readonly atMs: number;
  /** The drive that has confirmed it. */
  readonly invocation?: string;
}

export type ClaimInput = Omit<ClaimedKey, "invocation">;

export type ConfirmInput = Required<Pick<ClaimedKey, "token" | "invocation">>;

/** Without an invocation: if no drive has confirmed it. */
export type WithdrawInput = Pick<ClaimedKey, "token" | "invocation">;

export interface AttemptInput {
  readonly runId: string;
  readonly nodeId: string;
  readonly attempt: number;
  /** Kind of the node: which executor makes it. */
  readonly executor: string;
  readonly idempotencyKey: string;
  readonly timeoutMs: number;
  readonly request: Json;
  readonly service?: WireService;
  /** Whether what it writes is kept. */
  readonly keepsLog: boolean;
  /** That of the run's head. */
  readonly identity?: string;
}

/** A service as JSON, without how its metadata is written in the file: nobody who calls it needs that. */
export interface WireService extends Omit<Service, "metadata" | "metadataAsWritten"> {
  readonly metadata: readonly (readonly [
    string,
    Service["metadata"] extends ReadonlyMap<string, infer T> ? T : never,
  ])[];
}

export interface AttemptAnswer {
  /** `lost`: another worker had begun it, and nothing is known of its end (E4). */
  readonly outcome: Outcome | { readonly outcome: "lost" };
  /** By the clock of the worker, when it ended: milliseconds since 1970. */
  readonly atMs: number;
}

export interface CheckLimits {
  readonly timeoutMs: number;
  readonly waitMs: number;
}

export interface CheckInput {
  /** When it was asked for: milliseconds since 1970. */
  readonly atMs: number;
  readonly runId: string;
  readonly limits: CheckLimits;
  /** By kind of node. */
  readonly needs: readonly {
    readonly executor: string;
    readonly services: readonly WireService[];
    readonly nodes: readonly { readonly nodeId: string; readonly request: Json }[];
  }[];
}

export interface CheckAnswer {
  readonly findings: readonly Finding[];
  readonly atMs: number;
}

/** The events of a run after one of them, and where it stood when they were read. */
export interface EventsPage {
  readonly head: StoredHead;
  readonly events: readonly RunEvent[];
}

export interface EventsInput {
  readonly afterSeq: number;
  readonly limit: number;
}

/** What a run has besides events. */
export interface StoredRest {
  readonly head: StoredHead;
  readonly definitions: readonly Definition[];
  readonly answers: readonly Answer[];
}

export function toWireService(service: Service): WireService {
  const { metadata, metadataAsWritten: _, ...rest } = service;
  return { ...rest, metadata: [...metadata] };
}

export function fromWireService(service: WireService): Service {
  return { ...service, metadata: new Map(service.metadata) };
}
