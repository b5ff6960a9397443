import type { Machine } from "./machine.ts";
import { giveUp } from "./settle.ts";
import { freeUnused } from "./slots.ts";
import type { NodeState } from "./state.ts";
import { boundWait, isOutOfTime } from "./time.ts";
import { record, type Turn } from "./turn.ts";

/** Nothing starts from now on. What is outstanding runs to its end; runs beside this one get the slots it does not use. */
export function pauseRun(machine: Machine, turn: Turn, by: string): void {
  record(turn, { type: "run.paused", by });
  freeUnused(machine, turn);
  for (const node of turn.state.byPosition) if (node.due) holdBack(machine, turn, node);
}

/** Whatever may start starts in the same step. */
export function unpauseRun(turn: Turn, by: string): void {
  record(turn, { type: "run.unpaused", by });
}

/** A node of a paused run could be tried again: it waits on, within its total_timeout_seconds. */
export function holdBack(machine: Machine, turn: Turn, node: NodeState): void {
  if (node.status !== "waiting") return;
  if (isOutOfTime(machine, turn, node)) giveUp(turn, node);
  else boundWait(machine, turn, node);
}
