import type { RunEvent } from "../../../src/engine/events.ts";
import { checkHistory } from "../../../src/engine/rules.ts";
import type { RunView } from "../../../src/ports/runtime.ts";
import type { Side } from "./moves.ts";
import type { Trial } from "./trial.ts";

/** What is compared of a run: all that does not tell the time. */
export async function accountFor({ runtime, stage }: Side, trial: Trial, runId: string) {
  const { workflow, changed, isGated } = trial;
  const events = await runtime.events(runId);
  const byHash = new Map([workflow, changed].map((one) => [one.definition.hash, one]));
  const violations = checkHistory(events, (hash) => byHash.get(hash));
  if (violations.length > 0) throw new Error(`${runId} breaks rules: ${JSON.stringify(violations)}`);
  return {
    events: group(events.map((event) => withoutTime(event, isGated))),
    view: withoutTimes(await runtime.get(runId), isGated),
    made: stage.made(runId),
  };
}

type Told = { [field: string]: unknown };

/**
 * Those of each node and those of the run as a whole, in their order. Between nodes it is left out: attempts that are
 * aborted end in any order, and so do those of a free trial.
 */
function group(events: readonly Told[]): { readonly [of: string]: readonly Told[] } {
  return Object.fromEntries([...Map.groupBy(events, ({ node_id = "run" }) => String(node_id))].toSorted());
}

const TIMES = ["seq", "at", "duration_ms", "retry_at", "retry_delay_ms", "busbar_version"];

/** Which of several that failed was the first depends on time, but for a gated trial: it is what others give as reason. */
function withoutTime(event: RunEvent, isGated: boolean): Told {
  const told: Told = { ...event };
  for (const field of isGated ? TIMES : [...TIMES, "because"]) delete told[field];
  if (!isGated && event.type === "run.failed") delete told.error;
  return "retry_at" in event ? { ...told, is_retried: true } : told;
}

function withoutTimes(view: RunView, isGated: boolean) {
  const { status, paused, cancel_requested, source, findings, definition_text, nodes, ...rest } = view;
  return {
    ...{ status, paused, cancel_requested, source, findings, definition_text, hash: rest.definition_hash },
    nodes: nodes.map(({ attempts, retry_at: _, because, ...node }) => ({
      ...node,
      because: isGated ? because : undefined,
      attempts: attempts.map(({ attempt, idempotency_key, outcome, error }) => ({
        ...{ attempt, idempotency_key, outcome, error },
      })),
    })),
  };
}
