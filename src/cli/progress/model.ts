import { isTerminalEvent, type RunEvent } from "../../engine/events.ts";
import type { NodeStatus } from "../../engine/status.ts";
import type { ErrorInfo } from "../../kernel/errors.ts";
import type { Json } from "../../kernel/json.ts";

/** What the screen needs to know of a run that goes on. An event changes it in O(1). */
export interface ProgressModel {
  readonly runId: string | undefined;
  /** File order, then nodes that the run gained. */
  readonly nodes: ReadonlyMap<string, NodeProgress>;
  readonly counts: { readonly [status in NodeStatus]: number };
  readonly cancelRequested: boolean;
  readonly paused: boolean;
  /** @param nowMs monotonic, when the event was seen */
  apply(event: RunEvent, nowMs: number): void;
}

export interface NodeProgress {
  readonly id: string;
  readonly status: NodeStatus;
  readonly attempts: number;
  /** Monotonic: when the outstanding attempt started, or when the wait before the next one ends. */
  readonly sinceMs?: number;
  readonly untilMs?: number;
  readonly durationMs?: number;
  readonly error?: ErrorInfo;
  readonly output?: Json;
  /** The run that it is kept from. */
  readonly reusedFrom?: string;
  readonly reason?: string;
  readonly because?: string;
}

/** A node as it stood before the first event that is applied. */
export type InitialNode = Pick<NodeProgress, "id"> & Partial<Pick<NodeProgress, "status" | "attempts">>;

export function createProgressModel(known: readonly InitialNode[]): ProgressModel {
  const counts = { pending: 0, running: 0, waiting: 0, succeeded: 0, failed: 0, skipped: 0, cancelled: 0 };
  const nodes = new Map<string, NodeProgress>();
  let runId: string | undefined;
  let cancelRequested = false;
  let paused = false;
  for (const node of known) {
    const progress = { id: node.id, status: node.status ?? "pending", attempts: node.attempts ?? 0 };
    nodes.set(node.id, progress);
    counts[progress.status] += 1;
  }

  const put = (id: string, change: Change): void => {
    const before = nodes.get(id);
    if (before !== undefined) counts[before.status] -= 1;
    counts[change.status] += 1;
    nodes.set(id, { ...change, id, attempts: change.attempts ?? before?.attempts ?? 0 });
  };

  const apply = (event: RunEvent, nowMs: number): void => {
    runId = event.run_id;
    if (event.type === "run.cancel_requested") cancelRequested = true;
    if (event.type === "run.paused") paused = true;
    if (event.type === "run.unpaused" || isTerminalEvent(event)) paused = false;
    if (event.type === "run.resumed") {
      cancelRequested = false;
      for (const id of event.reset) put(id, { status: "pending" });
    }
    if (!("node_id" in event)) return;
    const change = changeOf(event, nodes.get(event.node_id), nowMs);
    if (change !== undefined) put(event.node_id, change);
  };

  return {
    get runId() {
      return runId;
    },
    get cancelRequested() {
      return cancelRequested;
    },
    get paused() {
      return paused;
    },
    nodes,
    counts,
    apply,
  };
}

type Change = Omit<NodeProgress, "id" | "attempts"> & { readonly attempts?: number };
type NodeEvent = Extract<RunEvent, { readonly node_id: string }>;

function changeOf(event: NodeEvent, before: NodeProgress | undefined, nowMs: number): Change | undefined {
  switch (event.type) {
    case "node.started":
      return { status: "running", attempts: event.attempt, sinceMs: nowMs };
    case "node.attempt_failed":
      return {
        status: "waiting",
        attempts: event.attempt,
        durationMs: event.duration_ms,
        error: event.error,
        ...(event.retry_delay_ms === undefined ? {} : { untilMs: nowMs + event.retry_delay_ms }),
      };
    case "node.succeeded":
      if (event.reused_from !== undefined) {
        return { status: "succeeded", output: event.output, reusedFrom: event.reused_from };
      }
      return {
        status: "succeeded",
        attempts: event.attempt,
        durationMs: event.duration_ms,
        output: event.output,
      };
    case "node.failed":
      return {
        status: "failed",
        error: event.error,
        ...(before?.durationMs === undefined ? {} : { durationMs: before.durationMs }),
      };
    case "node.skipped":
      return {
        status: "skipped",
        reason: event.reason,
        ...(event.because === undefined ? {} : { because: event.because }),
      };
    case "node.cancelled":
      return { status: "cancelled" };
    default:
      // An event that says nothing of a node's status, such as one of a newer version.
      return undefined;
  }
}
