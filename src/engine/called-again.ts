import type { CalledAgain } from "./explanation.ts";
import type { NodeState, RunState } from "./state.ts";

/** Every attempt but the first of each node, with what made it necessary. */
export function calledAgain({ byPosition }: RunState): readonly CalledAgain[] {
  return byPosition.flatMap((node) => (node.attempts.length < 2 ? [] : calledAgainOf(node)));
}

function calledAgainOf({ id, attempts }: NodeState): readonly CalledAgain[] {
  return attempts.flatMap((again, index) => {
    const before = attempts[index - 1];
    if (before?.outcome === undefined) return [];
    const { outcome, error, idempotencyKey } = before;
    const because = idempotencyKey !== again.idempotencyKey ? "resume" : outcome === "lost" ? "lost" : "retry";
    return [{ node_id: id, attempt: again.attempt, because, outcome, ...(error === undefined ? {} : { error }) }];
  });
}
