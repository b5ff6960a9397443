import type { Machine } from "./machine.ts";
import type { NodeState } from "./state.ts";
import { command, type Turn } from "./turn.ts";

/** Milliseconds since the run was created or last resumed. */
export function runDurationMs(machine: Machine, { facts }: Turn): number {
  return roundMs(facts.monotonicMs - machine.beganMs);
}

/** Microseconds are enough, and 15 digits in every event are not. */
export function roundMs(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

/** Milliseconds that total_timeout_seconds leaves the node, or undefined if it has none. It counts from this call on. */
export function remainingTotalMs({ deadlines }: Machine, { facts }: Turn, node: NodeState): number | undefined {
  const total = node.definition.totalTimeoutMs;
  if (total === undefined) return undefined;
  const deadline = deadlines.get(node.id) ?? facts.monotonicMs + total;
  deadlines.set(node.id, deadline);
  return deadline - facts.monotonicMs;
}

/** Only a node that has been tried has a deadline: before that, no time of its own has run. */
export function isOutOfTime({ deadlines }: Machine, { facts }: Turn, node: NodeState): boolean {
  return (deadlines.get(node.id) ?? Number.POSITIVE_INFINITY) <= facts.monotonicMs;
}

/** A node between attempts that waits for a slot, or in a paused run, is looked at again when its time is over. */
export function boundWait({ deadlines }: Machine, turn: Turn, node: NodeState): void {
  const deadline = deadlines.get(node.id);
  if (deadline === undefined) return;
  const ms = Math.max(deadline - turn.facts.monotonicMs, 0);
  command(turn, { type: "arm", timer: { of: "node", nodeId: node.id }, ms });
}
