import { timestampOf } from "../kernel/timestamp.ts";
import type { Command } from "./commands.ts";
import type { EventBody, RunEvent } from "./events.ts";
import type { Facts } from "./inputs.ts";
import type { Answer } from "./requests.ts";
import type { RunState } from "./state.ts";
import { apply } from "./transitions.ts";

/** What one step of the machine decides: one append, and what is to be done once it is durable (E8). */
export interface Turn {
  readonly state: RunState;
  readonly facts: Facts;
  /** Of the owner. */
  readonly epoch: number;
  readonly events: RunEvent[];
  readonly answers: Answer[];
  readonly commands: Command[];
}

/** Records an event and applies it at once, so that the next decision of the turn sees it. */
export function record(turn: Turn, body: EventBody, at: string = timestampOf(turn.facts.atMs)): void {
  const { state, epoch, events } = turn;
  const event: RunEvent = {
    seq: state.lastSeq + 1,
    at,
    run_id: state.runId,
    epoch,
    ...body,
  };
  apply(state, event);
  events.push(event);
}

export function command(turn: Turn, what: Command): void {
  turn.commands.push(what);
}

export function answer(turn: Turn, requestId: number, how: Answer["answer"]): void {
  turn.answers.push({ requestId, answer: how });
}
