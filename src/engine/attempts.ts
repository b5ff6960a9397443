import { requestOf, serviceOf, shownRequestOf } from "../workflow/node.ts";
import type { AbortCause } from "./commands.ts";
import type { Ended } from "./inputs.ts";
import type { Machine, OutstandingAttempt } from "./machine.ts";
import type { Outcome } from "./outcome.ts";
import { holdBack } from "./pause.ts";
import { offer, takeReady } from "./plan.ts";
import { recordedOutcome } from "./recorded-outcome.ts";
import { remainingWaitMs } from "./retry.ts";
import { giveUp, loseAttempt, settleAttempt } from "./settle.ts";
import { freeSlot, takeSlot } from "./slots.ts";
import type { NodeState } from "./state.ts";
import { boundWait, isOutOfTime, remainingTotalMs, roundMs } from "./time.ts";
import { command, record, type Turn } from "./turn.ts";

/** Starts every node that may start now, in file order. */
export function startReady(machine: Machine, turn: Turn): void {
  while (machine.asking === undefined) {
    const node = takeReady(turn.state);
    if (node === undefined) return;
    if (isOutOfTime(machine, turn, node)) giveUp(turn, node);
    else if (takeSlot(machine, turn, node, serviceOf(turn.state.workflow, node.definition))) start(machine, turn, node);
    else boundWait(machine, turn, node);
  }
}

function start(machine: Machine, turn: Turn, node: NodeState): void {
  const { definition } = node;
  const timeoutMs = Math.min(definition.timeoutMs, remainingTotalMs(machine, turn, node) ?? Number.POSITIVE_INFINITY);
  const attempt = (node.attempts.at(-1)?.attempt ?? 0) + 1;
  const idempotencyKey = `${turn.state.runId}/${node.id}/${node.round}`;
  const request = requestOf(definition);
  const shown = shownRequestOf(definition, request);
  // Its wait, or what bounded its wait for a slot.
  if (node.attempts.length > 0) command(turn, { type: "disarm", timer: { of: "node", nodeId: node.id } });
  record(turn, { type: "node.started", node_id: node.id, attempt, idempotency_key: idempotencyKey, request: shown });
  machine.outstanding.set(node.id, {
    attempt,
    startedMs: turn.facts.monotonicMs,
    bound: timeoutMs < definition.timeoutMs ? "total" : "attempt",
    work: "under_way",
    abort: undefined,
  });
  command(turn, { type: "execute", nodeId: node.id, attempt, idempotencyKey, timeoutMs, request });
}

/** An attempt has ended: what follows is decided, and its slot goes back. */
export function endAttempt(machine: Machine, turn: Turn, { nodeId, attempt, outcome }: Ended): void {
  const node = turn.state.nodes.get(nodeId);
  const ended = machine.outstanding.get(nodeId);
  if (node === undefined || ended?.attempt !== attempt) return;
  machine.outstanding.delete(nodeId);
  freeSlot(machine, turn, nodeId);
  if (ended.abort === "changed") loseAttempt(turn, node, machine.timedOut, superseded(node));
  else settle(machine, turn, node, ended, outcome);
  if (machine.abilities[node.definition.executor]?.release === true) {
    command(turn, { type: "release", nodeId, attempt });
  }
  if (node.status === "waiting") waitForRetry(turn, node);
}

function superseded({ id }: NodeState): string {
  return `the workflow file was changed while ${id} was being made: how that ended does not count`;
}

function settle(machine: Machine, turn: Turn, node: NodeState, ended: OutstandingAttempt, outcome: Outcome): void {
  const durationMs = roundMs(turn.facts.monotonicMs - ended.startedMs);
  const remainingMs = machine.timedOut === undefined ? remainingTotalMs(machine, turn, node) : 0;
  settleAttempt(turn, node, recordedOutcome(node, ended, outcome), durationMs, remainingMs);
}

/** Waits for what is left of a retry wait: all of it, if it has just begun. */
export function waitForRetry(turn: Turn, node: NodeState): void {
  const last = node.attempts.at(-1);
  if (last?.retryAt === undefined) return;
  const ms = remainingWaitMs(last.retryAt, last.retryDelayMs ?? 0, turn.facts.atMs);
  command(turn, { type: "arm", timer: { of: "node", nodeId: node.id }, ms });
}

/** The wait of a node is over. In a paused run it goes on waiting, until it may start or its time is over. */
export function wakeNode(machine: Machine, turn: Turn, nodeId: string): void {
  const { state } = turn;
  const node = state.nodes.get(nodeId);
  if (node === undefined) return;
  offer(state, node);
  if (state.paused !== undefined) holdBack(machine, turn, node);
}

/** Ends the attempts that are under way; each is then recorded as its executor says. */
export function abortAll(machine: Machine, turn: Turn, cause: AbortCause): void {
  for (const [nodeId, one] of machine.outstanding) {
    one.abort ??= cause;
    if (one.work === "under_way") command(turn, { type: "abort", nodeId, attempt: one.attempt, cause: one.abort });
  }
}
