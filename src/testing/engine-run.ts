import type { EventBody, RunEvent } from "../engine/events.ts";
import type { Lost, Outcome } from "../engine/outcome.ts";
import { offer, takeReady } from "../engine/plan.ts";
import { cancelRun, endIfSettled, settleAttempt, stopRun } from "../engine/settle.ts";
import { createRunState, type NodeState, outstandingAttempt, type RunState, rebase } from "../engine/state.ts";
import type { NodeStatus } from "../engine/status.ts";
import { apply } from "../engine/transitions.ts";
import type { Workflow } from "../spec/workflow.ts";

/** The pure engine, driven by hand: no clock, no journal, no executor. For tests of the engine's rules. */
export interface EngineRun {
  readonly state: RunState;
  readonly events: readonly RunEvent[];
  /** Starts every node that may start now; their ids, in order. */
  start(): string[];
  /** Ends the outstanding attempt of a node. */
  end(nodeId: string, how: Outcome | Lost | "ok" | "failed" | "lost", random?: number): void;
  /** The retry wait of a node is over. */
  wake(nodeId: string): void;
  cancel(): void;
  stop(): void;
  /** What `resume` does to the run, with a changed workflow if one is given. Attempts still outstanding are lost. */
  resume(workflow?: Workflow): void;
}

export const FAILED: Outcome = {
  outcome: "failed",
  error: { code: "NODE_REPORTED_FAILURE", message: "no", status: "FAILURE_REPLY" },
};

export const UNAVAILABLE: Outcome = {
  outcome: "failed",
  error: { code: "CALL_UNAVAILABLE", message: "gone", status: "UNAVAILABLE" },
};

const LOST: Lost = { outcome: "lost", error: { code: "NODE_LOST", message: "lost" } };

/** A run that has just started. */
export function createEngineRun(workflow: Workflow, runId = "run-1"): EngineRun {
  const state = createRunState(runId, workflow);
  const events: RunEvent[] = [];
  let epoch = 1;
  const emit = (body: EventBody): void => {
    const event: RunEvent = { seq: state.lastSeq + 1, at: "2025-01-01T00:00:00.000Z", run_id: runId, epoch, ...body };
    apply(state, event);
    events.push(event);
  };
  const nodeOf = (id: string): NodeState => {
    const node = state.nodes.get(id);
    if (node === undefined) throw new Error(`no node ${id}`);
    return node;
  };
  const end: EngineRun["end"] = (nodeId, how, random = 0.5) => {
    const outcome =
      how === "ok"
        ? { outcome: "succeeded" as const, output: null }
        : how === "failed"
          ? FAILED
          : how === "lost"
            ? LOST
            : how;
    settleAttempt(state, nodeOf(nodeId), outcome, { durationMs: 1, now: Date.UTC(2025, 0, 1), random }, emit);
    endIfSettled(state, 1, emit);
  };
  const hash = workflow.definition.hash;
  emit({ type: "run.created", definition_hash: hash, params: {}, busbar_version: "0.0.0" });
  emit({ type: "run.started" });
  endIfSettled(state, 0, emit);
  return {
    state,
    events,
    end,
    start() {
      const started: string[] = [];
      for (let node = takeReady(state); node !== undefined; node = takeReady(state)) {
        const attempt = (node.attempts.at(-1)?.attempt ?? 0) + 1;
        const idempotency_key = `${runId}/${node.id}/${node.round}`;
        emit({ type: "node.started", node_id: node.id, attempt, idempotency_key, request: null });
        started.push(node.id);
      }
      return started;
    },
    wake: (nodeId) => offer(state, nodeOf(nodeId)),
    cancel() {
      cancelRun(state, "test", undefined, emit);
      endIfSettled(state, 1, emit);
    },
    stop() {
      stopRun(state, emit);
      endIfSettled(state, 1, emit);
    },
    resume(changed) {
      epoch += 1;
      if (changed !== undefined) rebase(state, changed);
      const from = state.status === "failed" || state.status === "cancelled" ? state.status : "interrupted";
      const reset = state.byPosition
        .filter((n) => ["failed", "cancelled", "skipped"].includes(n.status))
        .map((n) => n.id);
      emit({ type: "run.resumed", from, by: "test", reset, definition_hash: state.workflow.definition.hash });
      for (const node of state.byPosition) {
        if (outstandingAttempt(node) !== undefined) end(node.id, LOST);
        if (node.status === "waiting") offer(state, node);
      }
      endIfSettled(state, 1, emit);
    },
  };
}

/** Node statuses by id. */
export function statuses(state: RunState): { [id: string]: NodeStatus } {
  return Object.fromEntries([...state.nodes].map(([id, node]) => [id, node.status]));
}
