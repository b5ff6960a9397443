import type { CalledAgain } from "./explanation.ts";
import type { AttemptRecord, RunState } from "./state.ts";

/** Every attempt but the first of each node, with what made it necessary. */
export function calledAgain({ byPosition }: RunState): readonly CalledAgain[] {
  return byPosition.flatMap(({ id, attempts }) =>
    attempts.slice(1).flatMap((again, index) => becauseOf(id, again, attempts[index])),
  );
}

function becauseOf(node_id: string, again: AttemptRecord, before: AttemptRecord | undefined): readonly CalledAgain[] {
  if (before?.outcome === undefined || before.error === undefined) return [];
  const { outcome, error, idempotencyKey } = before;
  const because = idempotencyKey !== again.idempotencyKey ? "resume" : outcome === "lost" ? "lost" : "retry";
  return [{ node_id, attempt: again.attempt, because, outcome, error }];
}
