import type { EventBody, NodeAttemptFailed, NodeStarted, RunEvent } from "./events.ts";
import { type History, type NodeHistory, nodeHistory, type Report, type Settled } from "./history.ts";

type NodeEvent = RunEvent & Extract<EventBody, { readonly node_id: string }>;

/** The history rules that a node's event can break. */
export function checkNodeEvent(history: History, event: NodeEvent, report: Report): void {
  const id = event.node_id;
  const node = nodeHistory(history, id);
  if (node.settled !== undefined) report("final", `${event.type} of ${id}, which is ${node.settled}`);
  const settle = (as: Settled): void => {
    if (node.outstanding) report("final", `${id} is ${as} while attempt ${node.attempts} is outstanding`);
    if (node.settled !== undefined) history.settledCounts[node.settled] -= 1;
    node.settled = as;
    history.settledCounts[as] += 1;
  };
  switch (event.type) {
    case "node.started":
      checkStart(history, node, event, report);
      node.attempts = event.attempt;
      node.outstanding = true;
      history.called = true;
      if (history.hasIdleRecovery) history.recoveries += 1;
      history.hasIdleRecovery = false;
      return;
    case "node.attempt_failed":
      checkOutstanding(node, event, report);
      node.outstanding = false;
      if (event.outcome !== "lost") history.recoveries = 0;
      checkRetry(history, node, event, report);
      return;
    case "node.succeeded":
      if (event.reused_from === undefined) checkOutstanding(node, event, report);
      node.outstanding = false;
      history.recoveries = 0;
      return settle("succeeded");
    case "node.failed":
      return settle("failed");
    case "node.skipped":
      return settle("skipped");
    case "node.cancelled":
      return settle("cancelled");
  }
}

function checkStart(history: History, node: NodeHistory, event: RunEvent & NodeStarted, report: Report): void {
  const id = event.node_id;
  if (!history.started) report("start", `${id} starts before run.started`);
  if (node.outstanding) report("single", `${id} starts while attempt ${node.attempts} is outstanding`);
  if (event.attempt !== node.attempts + 1)
    report("attempts", `${id} starts attempt ${event.attempt} after ${node.attempts}`);
  const key = `${event.run_id}/${id}/${node.round}`;
  if (event.idempotency_key !== key) report("key", `${id} has key ${event.idempotency_key}, not ${key}`);
  if (history.paused) report("paused", `${id} starts while the run is paused`);
  if (history.cancelRequested) report("stopped", `${id} starts after the run was to be cancelled`);
  const { workflow } = history;
  if (workflow === undefined) return;
  if (workflow.onFailure === "stop" && history.settledCounts.failed > 0) {
    report("stopped", `${id} starts after a node failed`);
  }
  const position = history.positions.get(id);
  for (const upstream of (position === undefined ? undefined : workflow.graph.upstream[position]) ?? []) {
    const name = workflow.graph.ids[upstream] ?? "";
    if (history.nodes.get(name)?.settled !== "succeeded") report("join", `${id} starts before ${name} succeeded`);
  }
}

function checkOutstanding(node: NodeHistory, event: NodeEvent & { readonly attempt: number }, report: Report): void {
  if (node.outstanding && event.attempt === node.attempts) return;
  report("attempts", `${event.type} of ${event.node_id} names attempt ${event.attempt}, which is not outstanding`);
}

function checkRetry(history: History, node: NodeHistory, event: NodeAttemptFailed, report: Report): void {
  if (event.outcome === "lost") return;
  node.failures += 1;
  if (event.retry_at === undefined) {
    history.mustSettle = event.node_id;
    return;
  }
  const limit = history.workflow?.nodes[history.positions.get(event.node_id) ?? -1]?.retry.maxAttempts;
  if (limit !== undefined && node.failures >= limit) {
    report("retry", `${event.node_id} is to be tried again after ${node.failures} failures of ${limit} allowed`);
  }
}
