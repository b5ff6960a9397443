import type { Workflow } from "../workflow/workflow.ts";
import type { EventBody, NodeAttemptFailed, NodeStarted, NodeSucceeded, RunEvent, RunResumed } from "./events.ts";
import { noteAttempt, noteResumed } from "./recovery.ts";
import { type NodeState, outstandingAttempt, type RunState, rebase } from "./state.ts";
import type { NodeStatus } from "./status.ts";

/**
 * Turns (state, event) into state, in place: O(1), plus one step for each edge
 * that leaves a node which succeeded and for each node that a resume resets.
 *
 * It takes what the history says and never refuses: whether a history is right
 * is for rules.ts. Event types of a later version change nothing here (E7).
 */
export function apply(state: RunState, event: RunEvent): void {
  state.lastSeq = event.seq;
  state.epoch = event.epoch;
  switch (event.type) {
    case "run.created":
      state.createdAt = event.at;
      state.params = event.params;
      state.source = event.source;
      return;
    case "run.started":
      state.status = "running";
      state.startedAt = event.at;
      return;
    case "run.resumed":
      return resume(state, event);
    case "run.cancel_requested":
      state.cancelRequested = event.seq;
      state.cancel = { by: event.by, ...(event.reason === undefined ? {} : { reason: event.reason }) };
      return;
    case "run.paused":
      state.paused = event.seq;
      return;
    case "run.unpaused":
      state.paused = undefined;
      return;
    case "run.succeeded":
    case "run.failed":
    case "run.cancelled":
      state.status =
        event.type === "run.succeeded" ? "succeeded" : event.type === "run.failed" ? "failed" : "cancelled";
      // What is paused is the going on of a run: one that has ended does not.
      state.paused = undefined;
      state.endedAt = event.at;
      state.durationMs = event.duration_ms;
      state.error = event.type === "run.succeeded" ? undefined : event.error;
      return;
    case "run.checked":
      state.findings = event.findings;
      return;
    default:
      noteAttempt(state, event);
      if (isNodeEvent(event)) applyToNode(state, state.nodes.get(event.node_id), event);
  }
}

type NodeEvent = RunEvent & Extract<EventBody, { readonly node_id: string }>;

function isNodeEvent(event: RunEvent): event is NodeEvent {
  return "node_id" in event;
}

function applyToNode(state: RunState, node: NodeState | undefined, event: NodeEvent): void {
  if (node === undefined) return;
  switch (event.type) {
    case "node.started":
      return startAttempt(state, node, event);
    case "node.attempt_failed":
      return failAttempt(state, node, event);
    case "node.succeeded":
      return succeed(state, node, event);
    case "node.failed":
      node.error = event.error;
      state.firstFailure ??= { nodeId: node.id, error: event.error };
      return setStatus(state, node, "failed");
    case "node.skipped":
      node.skipReason = event.reason;
      node.because = event.because;
      return setStatus(state, node, "skipped");
    case "node.cancelled":
      return setStatus(state, node, "cancelled");
  }
}

function startAttempt(state: RunState, node: NodeState, event: RunEvent & NodeStarted): void {
  node.attempts.push({
    attempt: event.attempt,
    idempotencyKey: event.idempotency_key,
    startedAt: event.at,
    epoch: event.epoch,
  });
  node.request = event.request;
  node.due = false;
  setStatus(state, node, "running");
}

function failAttempt(state: RunState, node: NodeState, event: RunEvent & NodeAttemptFailed): void {
  const attempt = outstandingAttempt(node);
  if (attempt !== undefined) {
    attempt.outcome = event.outcome;
    attempt.durationMs = event.duration_ms;
    attempt.error = event.error;
    attempt.retryAt = event.retry_at;
    attempt.retryDelayMs = event.retry_delay_ms;
  }
  node.error = event.error;
  if (event.outcome === "lost") {
    // Made again at once, with the same key (E4); a node that must not is failed in the same append.
    setStatus(state, node, "pending");
    // A changed file may have put a node before it.
    if (node.unsettledUpstream === 0) state.ready.push(node.position);
    return;
  }
  node.failures += 1;
  // A final failure stays `running` until the event that settles the node, which stands in the same append.
  if (event.retry_at !== undefined) setStatus(state, node, "waiting");
}

function succeed(state: RunState, node: NodeState, event: RunEvent & NodeSucceeded): void {
  const attempt = outstandingAttempt(node);
  if (attempt !== undefined) {
    attempt.outcome = "succeeded";
    attempt.durationMs = event.duration_ms;
  }
  node.output = event.output;
  node.reusedFrom = event.reused_from;
  node.error = undefined;
  setStatus(state, node, "succeeded");
  for (const position of node.downstream) {
    const dependent = state.byPosition[position];
    if (dependent === undefined) continue;
    dependent.unsettledUpstream -= 1;
    if (dependent.unsettledUpstream === 0 && dependent.status === "pending") state.ready.push(position);
  }
}

function resume(state: RunState, event: RunResumed): void {
  noteResumed(state, event);
  state.findings = [];
  if (event.recovery === true) return;
  state.status = state.startedAt === undefined ? "pending" : "running";
  state.cancelRequested = undefined;
  state.cancel = undefined;
  state.endedAt = undefined;
  state.durationMs = undefined;
  state.error = undefined;
  state.firstFailure = undefined;
  for (const id of event.reset) {
    const node = state.nodes.get(id);
    if (node === undefined) continue;
    node.round += 1;
    node.failures = 0;
    node.error = undefined;
    node.skipReason = undefined;
    node.because = undefined;
    // Of what a changed file changes an attempt may be outstanding; the node starts anew when that has ended (E2).
    if (outstandingAttempt(node) !== undefined) continue;
    setStatus(state, node, "pending");
    if (node.unsettledUpstream === 0) state.ready.push(node.position);
  }
}

function setStatus(state: RunState, node: NodeState, status: NodeStatus): void {
  state.counts[node.status] -= 1;
  node.status = status;
  state.counts[status] += 1;
}

/**
 * The state that a history tells.
 *
 * @param events     from the first on, `seq` ascending
 * @param state      before the first of them
 * @param workflowOf the bound workflow of a definition hash: a run that was resumed with a changed file has several
 */
export function fold(
  events: Iterable<RunEvent>,
  state: RunState,
  workflowOf: (definitionHash: string) => Workflow | undefined,
): RunState {
  for (const event of events) {
    if (event.type === "run.resumed" && event.definition_hash !== state.workflow.definition.hash) {
      const changed = workflowOf(event.definition_hash);
      if (changed !== undefined) rebase(state, changed);
    }
    apply(state, event);
  }
  return state;
}
