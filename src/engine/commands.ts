import type { Json } from "../kernel/json.ts";
import type { Timer } from "./inputs.ts";

/**
 * What a runtime has to do, in order, once the events of the step are durable (E8). `want`, `free`,
 * `enqueue` and `dequeue` concern nothing but the process and are done at once.
 */
export type Command =
  | Check
  | Uncheck
  | Sweep
  | Recover
  | Want
  | Free
  | Enqueue
  | Dequeue
  | Execute
  | Abort
  | Release
  | Arm
  | Disarm
  | LetGo;

/** Check what the unsettled nodes need, then say `checked`. */
export interface Check {
  readonly type: "check";
}

/** Nobody waits for the check any more: the run is to end. */
export interface Uncheck {
  readonly type: "uncheck";
}

/** End what is at work of the run beyond these attempts, then say `swept` (X7). */
export interface Sweep {
  readonly type: "sweep";
  readonly outstanding: readonly { readonly nodeId: string; readonly attempt: number }[];
}

/** Ask after an attempt of an earlier owner (X4), then say `recovered` or `ended`. */
export interface Recover extends AttemptToMake {
  readonly type: "recover";
}

/** Ask for a slot of the address, then say `granted` or `queued`. */
export interface Want {
  readonly type: "want";
  readonly nodeId: string;
  readonly address: string;
  /** Slots of this address, ≥ 1. */
  readonly limit: number;
}

/** Give the node's slot back, or its place in the queue. */
export interface Free {
  readonly type: "free";
  readonly nodeId: string;
}

/** Put the run into the queue of those that wait to go on; say `admitted` when its turn has come. */
export interface Enqueue {
  readonly type: "enqueue";
}

/** Give back its place in the queue, or among those that go on. */
export interface Dequeue {
  readonly type: "dequeue";
}

/** Make the attempt, then say `ended`. */
export interface Execute extends AttemptToMake {
  readonly type: "execute";
}

export interface AttemptToMake {
  readonly nodeId: string;
  /** From 1. */
  readonly attempt: number;
  readonly idempotencyKey: string;
  /** Milliseconds, > 0. */
  readonly timeoutMs: number;
  readonly request: Json;
}

/** End an attempt; `ended` is still said of it. */
export interface Abort {
  readonly type: "abort";
  readonly nodeId: string;
  readonly attempt: number;
  readonly cause: AbortCause;
}

/** `changed`: a changed file took the place of what the attempt was asked. */
export type AbortCause = "cancel" | "run_timeout" | "changed";

/** The outcome of the attempt is durable: what was kept of it may go (X6). */
export interface Release {
  readonly type: "release";
  readonly nodeId: string;
  readonly attempt: number;
}

/** Say `due` after so long, ≥ 0. A timer that is armed already is set anew. */
export interface Arm {
  readonly type: "arm";
  readonly timer: Timer;
  readonly ms: number;
}

export interface Disarm {
  readonly type: "disarm";
  readonly timer: Timer;
}

/** Drive the run no more: it is left as it stands. */
export interface LetGo {
  readonly type: "let_go";
  /** `asked`: what was asked of it is recorded, and nobody wanted it to go on. `draining`: the owner is about to go. */
  readonly because: "asked" | "draining";
}
