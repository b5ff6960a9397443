import type { ParamValues } from "../workflow/model/param.ts";
import type { Workflow } from "../workflow/workflow.ts";
import type { Finding } from "./finding.ts";
import type { Outcome } from "./outcome.ts";
import type { AskedRequest } from "./requests.ts";
import type { KeptOutput } from "./rerun.ts";

/** What was true when the inputs of a step came in. Plain JSON, read by the runtime, never by the machine. */
export interface Facts {
  /** Wall clock, milliseconds since 1970: for people, and for the end of a retry wait. */
  readonly atMs: number;
  /** Milliseconds that never go back: durations and deadlines. */
  readonly monotonicMs: number;
  /** What draws are made from: 32 bits. The same for all steps of one owner, or another for each: both will do. */
  readonly seed: number;
}

/** What happened outside. */
export type Input =
  | Begun
  | Checked
  | Swept
  | Recovered
  | Ended
  | Due
  | Asked
  | Granted
  | Queued
  | Admitted
  | Displaced
  | Draining;

/** The first input of a machine: how the run came to this owner. */
export interface Begun {
  readonly type: "begun";
  readonly how: Created | Resumed | TakenOver;
  /** Whether services and the like are checked before anything starts. */
  readonly preflight: boolean;
  /** Whether the run has to be admitted before it goes on. A run that is taken over for an answer has not. */
  readonly queues?: boolean;
}

export interface Created {
  readonly kind: "created";
  /** RFC 3339; the moment that the workflow's references were filled in with. */
  readonly at: string;
  readonly definitionHash: string;
  readonly params: ParamValues;
  readonly busbarVersion: string;
  /** The run that this one repeats, and what it keeps of it: every node that a kept one waits for is kept too. */
  readonly rerun?: { readonly source: string; readonly kept: readonly KeptOutput[] };
}

export interface Resumed {
  readonly kind: "resumed";
  readonly by: string;
  /** Bound; instead of the one the run has. It has passed {@link checkResume}. */
  readonly workflow?: Workflow;
  /**
   * Nobody asked for it: the run goes on as it would have gone. What was decided and asked before stands. Left out:
   * whoever resumes it wants it to go on. It has passed {@link checkRecovery}.
   */
  readonly recovery?: boolean;
  /** Those that wait for an answer, in order of arrival. Whoever resumes the run supersedes them; a recovery answers. */
  readonly requests: readonly AskedRequest[];
  /** The youngest request there was when the run was read; none up to it is still to be answered. */
  readonly lastRequestId: number;
}

/**
 * Nobody resumes the run, but somebody asked something of it while nobody drove it: the asker answers. A cancel is
 * driven to the end of the run; whatever else is asked is recorded, and the run is let go as it stands.
 */
export interface TakenOver {
  readonly kind: "taken_over";
  /** Those that wait for an answer, in order of arrival. At least one has an event to follow ({@link standingAnswers}). */
  readonly requests: readonly AskedRequest[];
  /** As in {@link Resumed}. */
  readonly lastRequestId: number;
}

/** Preflight is through. Secrets are masked. */
export interface Checked {
  readonly type: "checked";
  readonly findings: readonly Finding[];
}

/** Nothing of the run is at work any more but its outstanding attempts (X7). */
export interface Swept {
  readonly type: "swept";
}

/** The attempt of an earlier owner is nowhere to be found. One that is found ends like any other. */
export interface Recovered {
  readonly type: "recovered";
  readonly nodeId: string;
  readonly attempt: number;
  readonly found: "gone";
}

/** An attempt has ended. Secrets are masked. */
export interface Ended {
  readonly type: "ended";
  readonly nodeId: string;
  readonly attempt: number;
  readonly outcome: Outcome;
}

/** A timer that was armed has run down. */
export interface Due {
  readonly type: "due";
  readonly timer: Timer;
}

/** `run`: the time of the whole run. `node`: a retry wait, or what a total timeout leaves of a wait for a slot. */
export type Timer = { readonly of: "run" } | { readonly of: "node"; readonly nodeId: string };

/** Somebody asks something of the run. The same request may come more than once. */
export interface Asked {
  readonly type: "asked";
  readonly request: AskedRequest;
}

/** The node holds the slot it wanted. */
export interface Granted {
  readonly type: "granted";
  readonly nodeId: string;
}

/** The slot that the node wants is not free; `granted` follows when it is. */
export interface Queued {
  readonly type: "queued";
  readonly nodeId: string;
}

/** The run that has asked for it may go on beside those that do. */
export interface Admitted {
  readonly type: "admitted";
}

/** Another run is to go on in the place of this one. */
export interface Displaced {
  readonly type: "displaced";
  /** Its id. */
  readonly by: string;
}

/** The owner is about to go: nothing more is to start, and what is in flight may end first. */
export interface Draining {
  readonly type: "draining";
}
