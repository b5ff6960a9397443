import type { NodeState, RunState } from "./state.ts";

/** Whether anything may start at all: the run is under way and nothing has stopped it. */
export function mayStartNodes(state: RunState): boolean {
  return state.status === "running" && state.paused === undefined && !state.cancelRequested && !isStopping(state);
}

/** After the first failure nothing new starts (`on_failure: stop`). */
export function isStopping(state: RunState): boolean {
  return state.workflow.onFailure === "stop" && state.counts.failed > 0;
}

/**
 * Takes the first node, in file order, that may start now (E1, E2), or undefined
 * if none may. A node is offered once: it comes back by `offer`, or when an event
 * makes it ready again.
 */
export function takeReady(state: RunState): NodeState | undefined {
  if (!mayStartNodes(state) || state.counts.running >= state.workflow.maxParallel) return undefined;
  for (;;) {
    const position = state.ready.pop();
    if (position === undefined) return undefined;
    const node = state.byPosition[position];
    // Nothing takes a node out of the queue when it starts or settles otherwise: in a fold, say.
    if (node?.status === "pending" || (node?.status === "waiting" && node.due)) return node;
  }
}

/** Puts a node among those that may start: its wait is over, or what it was refused for is free again. */
export function offer(state: RunState, node: NodeState): void {
  node.due = true;
  state.ready.push(node.position);
}
