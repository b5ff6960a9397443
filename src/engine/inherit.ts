import { waitForRetry } from "./attempts.ts";
import type { AbortCause } from "./commands.ts";
import type { Recovered } from "./inputs.ts";
import type { Machine } from "./machine.ts";
import { loseAttempt } from "./settle.ts";
import { type NodeState, outstandingAttempt } from "./state.ts";
import { command, type Turn } from "./turn.ts";

/**
 * Takes over what the last owner left: waits go on; an attempt whose outcome nobody recorded is asked after where
 * its executor can, and lost otherwise (E4).
 *
 * @param reset nodes that begin anew: an attempt of theirs that is still outstanding is ended
 * @returns whether something else of the run may be at work, which has to end first (X7)
 */
export function inherit(machine: Machine, turn: Turn, reset: readonly string[]): boolean {
  const { state, abilities } = machine;
  const left = state.byPosition.flatMap((node) => {
    const record = outstandingAttempt(node);
    return record === undefined ? [] : [{ node, attempt: record.attempt }];
  });
  const sweeps = state.byPosition.some(({ definition }) => abilities[definition.executor]?.sweep === true);
  if (sweeps) {
    command(turn, { type: "sweep", outstanding: left.map(({ node, attempt }) => ({ nodeId: node.id, attempt })) });
  }
  for (const node of state.byPosition) if (node.status === "waiting") waitForRetry(turn, node);
  for (const { node, attempt } of left) {
    if (abilities[node.definition.executor]?.recover === true) keep(machine, turn, node, attempt, reset);
    else loseAttempt(turn, node, machine.timedOut);
  }
  if (!sweeps) recoverLeft(machine, turn);
  return sweeps;
}

/** Still outstanding, until its executor knows better. How long it has run already nobody here can tell. */
function keep(machine: Machine, { facts }: Turn, node: NodeState, attempt: number, reset: readonly string[]): void {
  machine.outstanding.set(node.id, {
    attempt,
    startedMs: facts.monotonicMs,
    bound: "attempt",
    work: "left",
    abort: whyEnd(machine, node, reset),
  });
}

function whyEnd({ state, timedOut }: Machine, node: NodeState, reset: readonly string[]): AbortCause | undefined {
  if (state.cancelRequested !== undefined) return "cancel";
  if (timedOut !== undefined) return "run_timeout";
  return reset.includes(node.id) ? "changed" : undefined;
}

/** Asks after the attempts that were left. */
export function recoverLeft(machine: Machine, turn: Turn): void {
  for (const [nodeId, one] of machine.outstanding) {
    const node = turn.state.nodes.get(nodeId);
    const record = node === undefined ? undefined : outstandingAttempt(node);
    if (node === undefined || record === undefined || one.work !== "left") continue;
    one.work = "under_way";
    const { attempt, idempotencyKey } = record;
    const { timeoutMs } = node.definition;
    command(turn, { type: "recover", nodeId, attempt, idempotencyKey, timeoutMs, request: node.request ?? null });
    if (one.abort !== undefined) command(turn, { type: "abort", nodeId, attempt, cause: one.abort });
  }
}

/** The executor knows nothing of the attempt any more, or it does not count. */
export function loseRecovered(machine: Machine, turn: Turn, { nodeId, attempt }: Recovered): void {
  const node = turn.state.nodes.get(nodeId);
  if (node === undefined || machine.outstanding.get(nodeId)?.attempt !== attempt) return;
  machine.outstanding.delete(nodeId);
  loseAttempt(turn, node, machine.timedOut);
}
