import type { ErrorInfo } from "../kernel/errors.ts";
import type { AbortCause } from "./commands.ts";
import type { RunState } from "./state.ts";

/**
 * The life of one run under one owner, as data; `step` (step.ts) is all that moves it. Every decision about the run
 * is made there, and nowhere else. Pure: no clock, no dice, no promise, no I/O. The same inputs and facts give the
 * same events, byte for byte, so it runs alike under a journal, under an engine that replays, and in a simulation.
 *
 * It owns `state` and changes it in place. If what a step decided could not be made durable, the machine is worth
 * nothing any more: it is thrown away and folded again from the journal.
 */
export interface Machine {
  readonly state: RunState;
  /** What the executors here can do, by kind of node. */
  readonly abilities: Abilities;
  /** Of this owner: one more than the last owner's. */
  readonly epoch: number;
  phase: Phase;
  admission: Admission;
  /** The last owner's work is being ended. The run does not end before: whoever resumed it then would lose new work. */
  sweeping: boolean;
  /** By node id: those of this owner, and those that the last one left. */
  readonly outstanding: Map<string, OutstandingAttempt>;
  /** By node id: the slots that are held or wanted. */
  readonly slots: Map<string, Slot>;
  /** The node whose want has not been answered: nothing else starts until it is. */
  asking: string | undefined;
  /** By node id: monotonic time at which its total_timeout_seconds is over. Every owner counts anew. */
  readonly deadlines: Map<string, number>;
  /** Monotonic time of the first input, or, of a run that had to be admitted, of when it was. */
  beganMs: number;
  /** Why the run ends, once its own total timeout is over; no failure is tried again from then on. */
  timedOut: ErrorInfo | undefined;
  /** Requests that are answered: all up to `answeredUpTo`, and these. */
  readonly answered: Set<number>;
  answeredUpTo: number;
}

export type Phase =
  /** Nothing has come in. */
  | { readonly name: "new" }
  /** Nothing starts before the last owner's work has ended. */
  | { readonly name: "waiting_for_sweep"; readonly thenCheck: boolean }
  /** Nothing starts before the run is admitted. */
  | { readonly name: "queued"; readonly thenCheck: boolean }
  /** Preflight is under way. */
  | { readonly name: "checking" }
  /** Preflight failed; attempts that were found again run to their end. */
  | { readonly name: "refused"; readonly error: ErrorInfo }
  /** Nodes start when they may; also where the run is to end and none may. */
  | { readonly name: "driving" }
  /** Nothing starts any more; the run is let go when nothing is in flight. */
  | { readonly name: "draining" }
  /** What was asked is recorded; nobody drives the run here. */
  | { readonly name: "let_go" };

/**
 * Whether the run may go on beside others. `open`: it need not ask, or has to no more. `wanted`: it has not asked, or
 * has taken that back. `asked`: it waits in the queue. `granted`: its turn has come. `admitted`: it has gone on.
 */
export type Admission = "open" | "wanted" | "asked" | "granted" | "admitted";

export interface OutstandingAttempt {
  readonly attempt: number;
  /** Monotonic milliseconds. */
  readonly startedMs: number;
  /** Which limit its deadline comes from. */
  readonly bound: "attempt" | "total";
  /** `left`: of the last owner, and nobody has asked after it yet. */
  work: "under_way" | "left";
  /** Why we end it ourselves, once we do. */
  abort: AbortCause | undefined;
}

export interface Slot {
  /** `wanted`: queued for it. */
  held: "held" | "wanted";
}

export type Abilities = { readonly [kind: string]: Ability | undefined };

/** Which of the optional parts an executor has (X4, X6, X7). */
export interface Ability {
  readonly recover: boolean;
  readonly sweep: boolean;
  readonly release: boolean;
}

/** @param state as the history tells it; the machine owns it from now on */
export function createMachine(state: RunState, abilities: Abilities): Machine {
  return {
    state,
    abilities,
    epoch: state.epoch + 1,
    phase: { name: "new" },
    admission: "open",
    sweeping: false,
    outstanding: new Map(),
    slots: new Map(),
    asking: undefined,
    deadlines: new Map(),
    beganMs: 0,
    timedOut: undefined,
    answered: new Set(),
    answeredUpTo: 0,
  };
}
