import { createReadyQueue } from "../../src/engine/ready-queue.ts";
import type { NodeState, RunState } from "../../src/engine/state.ts";

/**
 * A state of its own, which further events may be folded into while the other one stays as it is. Attempts that have
 * ended do not change any more, and are shared. It plans nothing: its queue of ready nodes is empty.
 */
export function copyRunState(state: RunState): RunState {
  const byPosition = state.byPosition.map(copyNode);
  return {
    ...state,
    nodes: new Map(byPosition.map((node) => [node.id, node])),
    byPosition,
    dropped: new Map([...state.dropped].map(([id, node]) => [id, copyNode(node)])),
    counts: { ...state.counts },
    ready: createReadyQueue(),
  };
}

function copyNode(node: NodeState): NodeState {
  const attempts = [...node.attempts];
  const last = attempts.at(-1);
  if (last !== undefined) attempts[attempts.length - 1] = { ...last };
  return { ...node, attempts };
}
