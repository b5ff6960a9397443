import { type NodeState, outstandingAttempt, type RunState } from "../../engine/state.ts";
import { isTerminalRun } from "../../engine/status.ts";
import type { RunRecord } from "../../ports/journal.ts";
import type { AttemptView, NodeView, RunListing, RunView } from "../../ports/runtime.ts";
import type { LoadedRun } from "./load.ts";

/** A run in a list: what the journal's cache says. */
export function listingOf(record: RunRecord): RunListing {
  const { summary, owner } = record;
  return {
    run_id: record.runId,
    ...summary,
    definition_hash: record.definitionHash,
    ...(record.file === undefined ? {} : { file: record.file }),
    last_seq: record.lastSeq,
    ...(isTerminalRun(summary.status)
      ? {}
      : { owner: { pid: owner.pid, host: owner.host, alive: owner.alive, started_at: owner.startedAt } }),
  };
}

/** A run with all its nodes: what its events say. */
export function viewOf({ record, state, workflow }: LoadedRun): RunView {
  return {
    ...listingOf(record),
    params: state.params,
    definition_text: workflow.definition.text,
    cancel_requested: state.cancelRequested !== undefined,
    paused: state.paused,
    nodes: state.byPosition.map((node) => nodeView(state, node)),
  };
}

function nodeView(state: RunState, node: NodeState): NodeView {
  const last = node.attempts.at(-1);
  const upstream = (state.workflow.graph.upstream[node.position] ?? []).map(
    (position) => state.workflow.graph.ids[position] ?? "",
  );
  return {
    id: node.id,
    status: node.status,
    upstream,
    attempts: node.attempts.map((attempt) => ({
      attempt: attempt.attempt,
      idempotency_key: attempt.idempotencyKey,
      started_at: attempt.startedAt,
      ...optional("outcome", attempt.outcome),
      ...optional("duration_ms", attempt.durationMs),
      ...optional("error", attempt.error),
      ...optional("retry_at", attempt.retryAt),
    })) satisfies AttemptView[],
    ...optional("request", node.request),
    ...optional("output", node.output),
    ...optional("error", node.error),
    ...optional("reason", node.skipReason),
    ...optional("because", node.because),
    ...optional(
      "retry_at",
      node.status === "waiting" && outstandingAttempt(node) === undefined ? last?.retryAt : undefined,
    ),
  };
}

function optional<K extends string, V>(key: K, value: V | undefined): { readonly [key in K]?: V } {
  return (value === undefined ? {} : { [key]: value }) as { readonly [key in K]?: V };
}
