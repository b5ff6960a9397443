import { parseTimestamp, timestampOf } from "../kernel/timestamp.ts";
import type { Service } from "../workflow/model/service.ts";
import { serviceOf } from "../workflow/node.ts";
import type { Ending, Limit, NodeExplanation, NodeReason, RunReason } from "./explanation.ts";
import { type AttemptRecord, type NodeState, outstandingAttempt, type RunState } from "./state.ts";
import { isSettledNode } from "./status.ts";

export interface ExplainedNodes {
  readonly nodes: readonly NodeExplanation[];
  readonly limits: readonly Limit[];
}

/**
 * Why each node that has not settled stands where it stands. What would hold it back in any case comes first: a node
 * before it, then what holds up the whole run, then a wait, then limits.
 */
export function explainNodes(state: RunState, run: RunReason, atMs: number): ExplainedNodes {
  const limits = createLimits(state);
  const nodes = state.byPosition.flatMap((node) =>
    isSettledNode(node.status) ? [] : [{ id: node.id, reason: reasonOf(node) }],
  );
  return { nodes, limits: limits.used() };

  function reasonOf(node: NodeState): NodeReason {
    if (run.kind === "ended") return { kind: "ended" };
    const attempt = outstandingAttempt(node);
    if (attempt !== undefined) return reasonOfOutstanding(node, attempt);
    if (node.status === "pending" && node.unsettledUpstream > 0) return waitsForUpstream(state, node);
    const last = node.attempts.at(-1);
    const retryAt = node.status === "waiting" ? last?.retryAt : undefined;
    const waits = retryAt !== undefined && atMs < parseTimestamp(retryAt);
    // A journal that stalls, or an owner that prepares, does not keep a wait from going on.
    const mayWait = run.kind === "under_way" || run.kind === "preparing" || run.kind === "stalled";
    if (waits && mayWait && last?.outcome !== undefined && last.error !== undefined) {
      const { outcome, error } = last;
      return { kind: "retry", retry_at: retryAt, attempt: last.attempt, outcome, error };
    }
    return reasonToStay(node, retryAt);
  }

  function reasonOfOutstanding(
    node: NodeState,
    { attempt, startedAt, idempotencyKey, epoch }: AttemptRecord,
  ): NodeReason {
    if (run.kind === "interrupted" || run.kind === "left") return { kind: run.kind, attempt };
    const isSuperseded = idempotencyKey !== `${state.runId}/${node.id}/${node.round}`;
    const why = endingOf(run, isSuperseded);
    const ending = why === undefined ? {} : { ending: why };
    if (epoch !== state.epoch) return { kind: "recovery", attempt, since: startedAt, ...ending };
    return { kind: "running", attempt, since: startedAt, until: deadlineOf(state, node, startedAt), ...ending };
  }

  /** Nothing of the node's own keeps it. */
  function reasonToStay(node: NodeState, retryAt: string | undefined): NodeReason {
    const retry = retryAt === undefined ? {} : { retry_at: retryAt };
    if (run.kind !== "under_way" && run.kind !== "preparing") return { kind: run.kind, ...retry };
    if (limits.isFull()) return { kind: "max_parallel" };
    const service = serviceOf(state.workflow, node.definition);
    const limited = service?.maxConcurrency === undefined ? undefined : service;
    if (limited !== undefined && limits.isFullOf(limited)) return { kind: "slot", service: limited.name };
    const maybe = limited === undefined ? {} : { service: limited.name };
    if (run.kind === "preparing") return { kind: "preparing", ...retry, ...maybe };
    if (retryAt !== undefined) return { kind: "due", retry_at: retryAt, ...maybe };
    if (limited === undefined) return { kind: "starting" };
    limits.use(limited);
    return { kind: "slot", service: limited.name };
  }
}

function waitsForUpstream({ byPosition }: RunState, { upstream }: NodeState): NodeReason {
  const waits_for = upstream.flatMap((position) => {
    const node = byPosition[position];
    return node === undefined || node.status === "succeeded" ? [] : [node.id];
  });
  return { kind: "upstream", waits_for };
}

function endingOf(run: RunReason, isSuperseded: boolean): Ending | undefined {
  if (run.kind === "cancelling") return "cancel";
  if (run.kind === "run_timeout") return "run_timeout";
  return isSuperseded ? "changed" : undefined;
}

/**
 * When an attempt of this owner ends at the latest: by its own timeout, or by what the node's total one has left, of
 * which attempts and waits before it have taken at least so much. By durations: the wall clock may have been set.
 */
function deadlineOf({ epoch }: RunState, { definition, attempts }: NodeState, startedAt: string): string {
  const { timeoutMs, totalTimeoutMs = Number.POSITIVE_INFINITY } = definition;
  const mine = attempts.filter((attempt) => attempt.epoch === epoch);
  const takenMs = mine.reduce((sum, { durationMs = 0, retryDelayMs = 0 }) => sum + durationMs + retryDelayMs, 0);
  return timestampOf(parseTimestamp(startedAt) + Math.min(timeoutMs, Math.max(totalTimeoutMs - takenMs, 0)));
}

/** The limits of a run, looked at once each however many nodes wait for them. */
function createLimits(state: RunState) {
  const { workflow, byPosition, counts, epoch } = state;
  const used = new Map<string, Limit>();
  const slots = new Map<string, readonly string[]>();
  let isMaxParallelUsed = false;

  /** Attempts of an earlier owner hold no slot in this process. */
  function holdersOf(address: string): readonly string[] {
    const known = slots.get(address);
    if (known !== undefined) return known;
    const holders = byPosition.flatMap((node) => {
      if (outstandingAttempt(node)?.epoch !== epoch) return [];
      const service = serviceOf(workflow, node.definition);
      const holds = service?.maxConcurrency !== undefined && String(service.address) === address;
      return holds ? [node.id] : [];
    });
    slots.set(address, holders);
    return holders;
  }

  function use({ name, address, maxConcurrency = 0 }: Service): void {
    if (used.has(name)) return;
    const at = String(address);
    used.set(name, { kind: "slot", service: name, address: at, limit: maxConcurrency, held_by: holdersOf(at) });
  }

  return {
    use,
    isFull() {
      const isFull = counts.running >= workflow.maxParallel;
      isMaxParallelUsed ||= isFull;
      return isFull;
    },
    isFullOf(service: Service) {
      const isFull = holdersOf(String(service.address)).length >= (service.maxConcurrency ?? Number.POSITIVE_INFINITY);
      if (isFull) use(service);
      return isFull;
    },
    used(): readonly Limit[] {
      if (!isMaxParallelUsed) return [...used.values()];
      const held_by = byPosition.flatMap(({ id, status }) => (status === "running" ? [id] : []));
      return [{ kind: "max_parallel", limit: workflow.maxParallel, held_by }, ...used.values()];
    },
  };
}
