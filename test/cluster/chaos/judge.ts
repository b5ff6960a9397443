import type { RunEvent } from "../../../src/engine/events.ts";
import { checkHistory } from "../../../src/engine/rules.ts";
import type { WorkerNote } from "../workers/notes.ts";
import type { PlannedRun } from "./plan.ts";

/** A run that is over. */
export interface PastRun {
  readonly plan: PlannedRun;
  readonly runId: string;
  readonly events: readonly RunEvent[];
  /** Of all workers, about this run. */
  readonly notes: readonly WorkerNote[];
}

/** All that is wrong with what has become of a run. */
export function findFaults(run: PastRun): readonly string[] {
  const { plan, runId, events, notes } = run;
  const faults = checkHistory(events, (hash) =>
    hash === plan.workflow.definition.hash ? plan.workflow : undefined,
  ).map(({ rule, message }) => `rule ${rule}: ${message}`);
  return [...faults, ...findWrongEnd(run), ...findWrongRecords(run), ...findTwice(notes)].map(
    (fault) => `run ${runId}: ${fault}`,
  );
}

function findWrongEnd({ plan, events }: PastRun): readonly string[] {
  const end = events.at(-1)?.type;
  const hasLost = events.some((event) => event.type === "node.attempt_failed" && event.outcome === "lost");
  const right = new Set<string | undefined>();
  if (plan.asks === "cancel") right.add("run.cancelled");
  if (plan.isDoomed || (plan.failsIfLost && hasLost)) right.add("run.failed");
  // A cancel may come too late.
  if (!plan.isDoomed && !(plan.failsIfLost && hasLost)) right.add("run.succeeded");
  return right.has(end) ? [] : [`it ended with ${end}, not with ${[...right].join(" or ")}`];
}

/** Each record says of the attempt what the worker that made it noted, or that it is lost. */
function findWrongRecords({ events, notes }: PastRun): readonly string[] {
  const faults: string[] = [];
  const keys = new Map<string, string>();
  for (const event of events) {
    if (event.type === "node.started") keys.set(`${event.node_id}/${event.attempt}`, event.idempotency_key);
    if (event.type !== "node.succeeded" && event.type !== "node.attempt_failed") continue;
    const of = `${event.node_id}/${event.attempt}`;
    const made = notes.filter(({ nodeId, attempt }) => `${nodeId}/${attempt}` === of);
    if (made.some(({ idempotencyKey }) => idempotencyKey !== keys.get(of)))
      faults.push(`${of} was made with another key`);
    if (event.type === "node.succeeded") {
      const { token } = event.output as { readonly token?: string };
      if (!made.some((note) => note.token === token && note.what === "ended" && note.how === "succeeded")) {
        faults.push(`nobody made the outcome of ${of}`);
      }
    } else if (event.outcome === "lost") {
      const lostMs = Date.parse(event.at);
      const late = made.find(({ what, atMs }) => what === "begun" && atMs > lostMs);
      if (late !== undefined) faults.push(`${of} was begun ${late.atMs - lostMs} ms after it was lost`);
    } else if (
      event.outcome !== "cancelled" &&
      !made.some(({ what, how }) => what === "ended" && how === event.outcome)
    ) {
      faults.push(`nobody made the ${event.outcome} of ${of}`);
    }
  }
  return faults;
}

function findTwice(notes: readonly WorkerNote[]): readonly string[] {
  const begun = notes.filter(({ what }) => what === "begun");
  const byAttempt = Map.groupBy(begun, ({ nodeId, attempt }) => `${nodeId}/${attempt}`);
  return [...byAttempt].flatMap(([of, made]) => (made.length === 1 ? [] : [`${of} was made ${made.length} times`]));
}
