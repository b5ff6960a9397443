import { explain, type Surroundings } from "../../engine/explain.ts";
import type { QueueWait } from "../../engine/explanation.ts";
import type { Inside } from "../../engine/inside.ts";
import { type NodeState, outstandingAttempt, type RunState } from "../../engine/state.ts";
import { isTerminalRun } from "../../engine/status.ts";
import { timestampOf } from "../../kernel/timestamp.ts";
import type { RunRecord } from "../../ports/journal.ts";
import type { AttemptView, NodeView, RunListing, RunOwner, RunView } from "../../ports/runtime.ts";
import { serviceOf } from "../../workflow/node.ts";
import { shownTextOf } from "../../workflow/shown/shown-text.ts";
import type { Workflow, WorkflowNode } from "../../workflow/workflow.ts";
import { eachPiece, type LoadedRun } from "./load.ts";
import type { LocalRuns, Stall } from "./local-runs.ts";

/** A run in a list: what the journal's cache says. */
export function listingOf(record: RunRecord, stalled?: Stall): RunListing {
  const { summary, origin, priority } = record;
  return {
    run_id: record.runId,
    ...summary,
    paused: summary.paused === true,
    definition_hash: record.definitionHash,
    ...optional("file", record.file),
    ...optional("origin", origin),
    ...optional("priority", priority),
    last_seq: record.lastSeq,
    ...(isTerminalRun(summary.status) ? {} : { owner: ownerOf(record, stalled) }),
  };
}

function ownerOf({ owner }: RunRecord, stalled: Stall | undefined): RunOwner {
  const { alive, startedAt } = owner;
  const who =
    "cluster" in owner
      ? { cluster: { url: owner.cluster, invocation: owner.id } }
      : { pid: owner.pid, host: owner.host };
  const known: RunOwner = { ...who, alive, started_at: startedAt };
  if (stalled === undefined) return known;
  return { ...known, stalled: { since: timestampOf(stalled.sinceMs), error: stalled.error } };
}

/** What is said of a run beside its events. */
export interface Standing {
  readonly listing: RunListing;
  readonly around: Surroundings;
}

/**
 * To be asked when the row has been read, before anything else has its turn: then both are as of one moment.
 * @param turn what a run waits for that is driven elsewhere
 */
export function standingOf(record: RunRecord, local: LocalRuns, atMs: number, turn?: QueueWait): Standing {
  const driver = local.driverOf(record.runId);
  const listing = listingOf(record, driver?.stall());
  const left = local.owns(record) && driver === undefined;
  return {
    listing,
    around: {
      atMs,
      owner: !record.owner.alive ? "gone" : left ? "left" : "drives",
      mayQueue: record.origin === "server",
      ...optional("stalled", listing.owner?.stalled),
      ...optional("inside", driver?.inside(record.lastSeq) ?? (turn && insideOf(turn))),
    },
  };
}

const insideOf = (queue: QueueWait): Inside => ({ phase: "driving", queue, queued: new Set(), isTimedOut: false });

/** A run with all its nodes: what its events say. */
export async function viewOf({ state, workflow }: LoadedRun, { listing, around }: Standing): Promise<RunView> {
  const definitionText = await shownTextOf(workflow);
  const nodes: NodeView[] = [];
  await eachPiece(state.byPosition, (piece) => nodes.push(...piece.map((node) => nodeView(state, node))));
  return {
    ...listing,
    params: state.params,
    ...optional("source", state.source),
    definition_text: definitionText,
    definition_format: workflow.definition.format,
    cancel_requested: state.cancelRequested !== undefined,
    paused: state.paused !== undefined,
    findings: state.findings,
    explanation: explain(state, around),
    nodes,
  };
}

/** The run as it stands, but with the nodes of another workflow: those that both have keep what happened to them. */
export function viewOnNodesOf(view: RunView, workflow: Workflow): RunView {
  const { nodes, graph } = workflow;
  const known = new Map(view.nodes.map((node) => [node.id, node]));
  const placed = nodes.map((node, position): NodeView => {
    const upstream = (graph.upstream[position] ?? []).map((from) => graph.ids[from] ?? "");
    const { id } = node;
    return { ...(known.get(id) ?? { id, status: "pending", attempts: [] }), upstream, ...definedOf(workflow, node) };
  });
  return { ...view, nodes: placed };
}

function nodeView(state: RunState, node: NodeState): NodeView {
  const last = node.attempts.at(-1);
  return {
    id: node.id,
    status: node.status,
    upstream: node.upstream.map((position) => state.byPosition[position]?.id ?? ""),
    ...definedOf(state.workflow, node.definition),
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
    ...optional("reused_from", node.reusedFrom),
    ...optional("error", node.error),
    ...optional("reason", node.skipReason),
    ...optional("because", node.because),
    ...optional(
      "retry_at",
      node.status === "waiting" && outstandingAttempt(node) === undefined ? last?.retryAt : undefined,
    ),
  };
}

/** What the workflow says of a node. An address that has a reference in it is none yet. */
function definedOf(workflow: Workflow, node: WorkflowNode): Pick<NodeView, "service" | "timeout_ms"> {
  const service = serviceOf(workflow, node);
  const isKnown = service !== undefined && typeof service.address === "string";
  return {
    ...optional("service", isKnown ? { name: service.name, address: service.address as string } : undefined),
    timeout_ms: node.timeoutMs,
  };
}

function optional<K extends string, V>(key: K, value: V | undefined): { readonly [key in K]?: V } {
  return (value === undefined ? {} : { [key]: value }) as { readonly [key in K]?: V };
}
