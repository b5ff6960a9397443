// Runs to write into journals under test: events of the right shape, without an engine.
import type { EventBody, RunEvent } from "../engine/events.ts";
import type { NodeCounts, RunStatus } from "../engine/status.ts";
import type { RunSummary } from "../engine/summary.ts";
import type { Append, NewRun, TakeOver } from "../ports/journal.ts";
import type { ClusterOwner, Owner } from "../ports/owner.ts";
import type { Definition } from "../workflow/model/definition.ts";

const AT = "2025-01-01T00:00:00.000Z";

const COUNTS: NodeCounts = {
  pending: 0,
  running: 0,
  waiting: 0,
  succeeded: 0,
  failed: 0,
  skipped: 0,
  cancelled: 0,
};

export function summaryWith(status: RunStatus, more: Partial<RunSummary> = {}): RunSummary {
  return { workflow: "pipeline", status, created_at: AT, counts: { ...COUNTS, pending: 3 }, ...more };
}

export function definitionWith(text: string, more: Partial<Definition> = {}): Definition {
  return {
    hash: `sha256:${Buffer.from(text).toString("hex").padStart(64, "0").slice(-64)}`,
    text,
    format: "json",
    ...more,
  };
}

export function createdEvent(runId: string, definition: Definition): RunEvent {
  return {
    ...{ seq: 1, at: AT, run_id: runId, epoch: 1 },
    ...{ type: "run.created", definition_hash: definition.hash, params: { day: "today" }, busbar_version: "0.0.0" },
  };
}

const DEFINITION = definitionWith(`{"workflow_name":"pipeline"}`, { file: "/somewhere/pipeline.json" });

/** A run that begins with `run.created` alone. */
export function newRun(runId: string, more: Partial<NewRun> = {}): NewRun {
  const definition = more.definition ?? DEFINITION;
  return { runId, definition, events: [createdEvent(runId, definition)], summary: summaryWith("running"), ...more };
}

/** An append of bodies, from `seq` on. */
export function appendOf(runId: string, seq: number, bodies: readonly EventBody[], more: Partial<Append> = {}): Append {
  const epoch = more.epoch ?? 1;
  const events = bodies.map((body, index): RunEvent => ({ seq: seq + index, at: AT, run_id: runId, epoch, ...body }));
  return { runId, epoch, events, summary: summaryWith("running"), ...more };
}

/** A takeover to `epoch`: one `run.resumed` at `seq`, of the workflow that {@link newRun} begins with unless another is given. */
export function takeOverOf(runId: string, seq: number, epoch: number, more: Partial<TakeOver> = {}): TakeOver {
  const resumed: EventBody = {
    type: "run.resumed",
    from: "interrupted",
    by: "a test",
    reset: [],
    definition_hash: (more.definition ?? DEFINITION).hash,
  };
  return appendOf(runId, seq, [resumed], { ...more, epoch });
}

export function nodeStarted(nodeId: string, request: string = "input.csv"): EventBody {
  return { type: "node.started", node_id: nodeId, attempt: 1, idempotency_key: `run/${nodeId}/1`, request };
}

/** An owner that has to be a process. */
export function processOf(owner: Owner | ClusterOwner): Owner {
  if ("cluster" in owner) throw new Error(`${owner.cluster} is no process`);
  return owner;
}

export const SUCCEEDED: EventBody = { type: "run.succeeded", duration_ms: 12.5 };
