import { requireEach, requireFunction, requireIfGiven } from "../kernel/arguments.ts";
import { requireWorkflow } from "../workflow/require-workflow.ts";
import type { Workflow } from "../workflow/workflow.ts";
import { isEvent, isTerminalEvent, type RunEvent, type RunResumed } from "./events.ts";
import { createHistory, type History, nodeHistory, type Report, type Violation } from "./history.ts";
import { checkNodeEvent } from "./node-rules.ts";
import { MAX_RECOVERIES } from "./recovery.ts";

/**
 * Every rule that a history breaks; an empty list for a right one. It shares no
 * code with `apply`, so that each can find the other's mistakes.
 *
 * @param events     from the first on; the history may end after any append (the run may still be going)
 * @param workflowOf the workflow of a definition hash, or undefined if it is not at hand: rules about edges and limits are then left out
 * @throws BusbarError USAGE
 */
export function checkHistory(
  events: readonly RunEvent[],
  workflowOf: (definitionHash: string) => Workflow | undefined = () => undefined,
): readonly Violation[] {
  requireEach("events", events, isEvent, "an event {seq, at, run_id, epoch, type, …}");
  requireFunction("workflowOf", workflowOf);
  const findWorkflow = (hash: string): Workflow | undefined => {
    const workflow = workflowOf(hash);
    requireIfGiven("what workflowOf returns", workflow, requireWorkflow);
    return workflow;
  };
  const violations: Violation[] = [];
  const history = createHistory();
  events.forEach((event, index) => {
    const report: Report = (rule, message) => violations.push({ rule, seq: event.seq, message });
    if (event.seq !== index + 1) report("sequence", `seq ${event.seq} stands at place ${index + 1}`);
    if (event.run_id !== events[0]?.run_id) report("sequence", `run_id is ${event.run_id}`);
    if ((event.type === "run.created") !== (index === 0)) report("creation", `${event.type} at place ${index + 1}`);
    checkOrigin(history, event, report);
    checkEpoch(history, event, report);
    checkTerminal(history, event, report);
    checkSettling(history, event, report);
    if ("node_id" in event) checkNodeEvent(history, event, report);
    else checkRunEvent(history, event, findWorkflow, report);
  });
  if (history.mustSettle !== undefined) {
    const message = `${history.mustSettle} failed for good and was not settled`;
    violations.push({ rule: "retry", seq: events.at(-1)?.seq ?? 0, message });
  }
  return violations;
}

function checkOrigin(history: History, event: RunEvent, report: Report): void {
  if (event.type === "node.succeeded" && event.reused_from !== undefined) {
    if (!history.isReusing) report("reused", `the output of ${event.node_id} is another run's`);
    return;
  }
  if (history.isReusing) checkReused(history, report);
  history.isReusing = event.type === "run.created" && event.source !== undefined;
}

/** Now that all is there that is kept. */
function checkReused(history: History, report: Report): void {
  const { workflow } = history;
  workflow?.graph.ids.forEach((id, position) => {
    if (nodeHistory(history, id).settled === undefined) return;
    for (const upstream of workflow.graph.upstream[position] ?? []) {
      const name = workflow.graph.ids[upstream] ?? "";
      if (nodeHistory(history, name).settled === undefined) report("reused", `${id} is kept, and ${name} is not`);
    }
  });
}

function checkEpoch(history: History, event: RunEvent, report: Report): void {
  const step = event.epoch - history.epoch;
  if (step < 0 || step > 1) report("ownership", `epoch goes from ${history.epoch} to ${event.epoch}`);
  if (event.type === "run.resumed" && step !== 1) report("ownership", "run.resumed does not raise the epoch");
  history.epoch = event.epoch;
}

function checkTerminal(history: History, event: RunEvent, report: Report): void {
  if (history.ended === undefined || (event.type === "run.resumed" && history.ended !== "succeeded")) return;
  report("terminal", `${event.type} follows run.${history.ended}`);
}

function checkSettling(history: History, event: RunEvent, report: Report): void {
  const id = history.mustSettle;
  if (id === undefined) return;
  history.mustSettle = undefined;
  const settles = (event.type === "node.failed" || event.type === "node.cancelled") && event.node_id === id;
  if (!settles) report("retry", `${id} failed for good, and ${event.type} follows`);
}

function checkRunEvent(
  history: History,
  event: RunEvent,
  workflowOf: (definitionHash: string) => Workflow | undefined,
  report: Report,
): void {
  if (event.type === "run.created") {
    useWorkflow(history, workflowOf(event.definition_hash));
  } else if (event.type === "run.started") {
    if (history.started) report("start", "run.started stands twice");
    history.started = true;
  } else if (event.type === "run.cancel_requested") {
    history.cancelRequested = true;
  } else if (event.type === "run.paused" || event.type === "run.unpaused") {
    const pauses = event.type === "run.paused";
    if (history.paused === pauses) report("paused", `${event.type} of a run that is ${pauses ? "" : "not "}paused`);
    history.paused = pauses;
  } else if (event.type === "run.resumed") {
    history.called = false;
    if (event.recovery === true) return checkRecovery(history, event, report);
    history.recoveries = 0;
    history.hasIdleRecovery = false;
    const changed = event.definition_hash !== history.workflow?.definition.hash;
    useWorkflow(history, workflowOf(event.definition_hash));
    checkReset(history, event, changed, report);
    history.ended = undefined;
    history.cancelRequested = false;
  } else if (isTerminalEvent(event)) {
    checkEnd(history, event.type, event.type === "run.failed" ? event.error?.code : undefined, report);
    history.paused = false;
    history.ended = event.type === "run.succeeded" ? "succeeded" : event.type === "run.failed" ? "failed" : "cancelled";
  }
}

function checkRecovery(history: History, event: RunResumed, report: Report): void {
  if (event.reset.length > 0) report("recovery", `${event.reset.join(", ")} is reset, and nobody asked for it`);
  if (history.ended !== undefined) report("recovery", `a recovery follows run.${history.ended}`);
  if (history.recoveries >= MAX_RECOVERIES) report("recovery", `it follows ${history.recoveries} in vain`);
  const isAtWork = [...history.nodes.values()].some(({ outstanding }) => outstanding);
  if (isAtWork) history.recoveries += 1;
  history.hasIdleRecovery = !isAtWork;
}

function checkReset(history: History, event: RunResumed, changed: boolean, report: Report): void {
  const reset = new Set(event.reset);
  for (const [id, node] of history.nodes) {
    const unsuccessful = node.settled !== undefined && node.settled !== "succeeded";
    if (unsuccessful && !reset.has(id) && !changed) {
      report("reset", `${id} is ${node.settled} and was not reset`);
    }
    const mayReset = node.settled === undefined ? changed : unsuccessful;
    if (!mayReset && reset.has(id)) report("reset", `${id} is ${node.settled ?? "not settled"} and was reset`);
    if (!reset.has(id)) continue;
    if (node.settled !== undefined) history.settledCounts[node.settled] -= 1;
    node.settled = undefined;
    node.round += 1;
    node.failures = 0;
  }
}

function checkEnd(
  history: History,
  type: "run.succeeded" | "run.failed" | "run.cancelled",
  code: string | undefined,
  report: Report,
): void {
  // Without the workflow nobody knows which nodes there are.
  if (history.workflow === undefined) return;
  const { succeeded, failed, skipped, cancelled } = history.settledCounts;
  if (succeeded + failed + skipped + cancelled < history.nodes.size) {
    const byPreflight = type === "run.failed" && code !== "RUN_NODE_FAILED" && !history.called;
    if (!byPreflight) report("end", `${type} while nodes are unsettled`);
    return;
  }
  const right =
    failed + skipped + cancelled === 0 ? "run.succeeded" : history.cancelRequested ? "run.cancelled" : "run.failed";
  if (type !== right) report("end", `${type}, but the nodes say ${right}`);
}

function useWorkflow(history: History, workflow: Workflow | undefined): void {
  if (workflow === undefined || workflow === history.workflow) return;
  history.workflow = workflow;
  history.positions = new Map(workflow.nodes.map((node, position) => [node.id, position]));
  // Nodes that a changed file has no more are no longer part of the run, until a later one brings them back.
  for (const [id, node] of history.nodes) {
    if (history.positions.has(id)) continue;
    if (node.settled !== undefined) history.settledCounts[node.settled] -= 1;
    history.nodes.delete(id);
    history.dropped.set(id, node);
  }
  for (const [id, node] of history.dropped) {
    if (!history.positions.has(id)) continue;
    if (node.settled !== undefined) history.settledCounts[node.settled] += 1;
    history.dropped.delete(id);
    history.nodes.set(id, node);
  }
  for (const { id } of workflow.nodes) nodeHistory(history, id);
}
