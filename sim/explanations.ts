import type { RunEvent } from "../src/engine/events.ts";
import { explain } from "../src/engine/explain.ts";
import type { Explanation, NodeReason } from "../src/engine/explanation.ts";
import { createRunState, type RunState } from "../src/engine/state.ts";
import { fold } from "../src/engine/transitions.ts";
import type { Workflow } from "../src/workflow/workflow.ts";
import { START } from "./clock.ts";
import type { Model, RunModel } from "./model.ts";
import { kindOf, type Plan } from "./plan.ts";
import type { Process, World } from "./world.ts";

/** Holds what is explained of every run, after every step, against what the simulator knows. */
export interface Explanations {
  check(): void;
}

/** A run as it is explained, until something changes that matters for it. */
interface Explained {
  state: RunState;
  epoch: number;
  /** Events that the state has taken. */
  events: number;
  owner: string;
  /** The explanation holds while the wall clock is in here. */
  fromMs: number;
  untilMs: number;
  explanation: Explanation;
  /** What is true of them depends on more than the run itself. */
  unsure: readonly (readonly [id: string, reason: NodeReason])[];
}

/**
 * @param isClosing whether the process may have let go of its runs
 * @param isBeginning whether it has not said yet what became of a run that it begins: it may hold slots for one that the
 *   journal has refused
 */
export function createExplanations(
  world: World,
  plan: Pick<Plan, "maxRuns">,
  model: Model,
  workflowOf: (hash: string) => Workflow,
  isClosing: (process: Process) => boolean,
  isBeginning: (process: Process) => boolean,
): Explanations {
  const known = new Map<string, Explained>();
  const mayQueue = plan.maxRuns !== undefined;

  function renew(runId: string, run: RunModel): void {
    const created = run.history[0];
    if (created?.type !== "run.created") return;
    const atMs = START + Math.round(world.nowMs + world.wallAheadMs);
    const owner = ownerOf(runId, run);
    const before = known.get(runId);
    const isSame =
      before?.owner === owner && before.events === run.history.length && before.fromMs <= atMs && atMs < before.untilMs;
    if (isSame) return;
    const old = before?.state ?? createRunState(runId, workflowOf(created.definition_hash));
    const state = fold(run.history.slice(before?.events ?? 0), old, workflowOf);
    const stalled =
      owner === "stalled" ? { since: "", error: { code: "JOURNAL_FULL", message: "" } as const } : undefined;
    const explanation = explain(state, {
      atMs,
      owner: owner === "gone" || owner === "left" ? owner : "drives",
      ...(stalled && { stalled }),
      mayQueue,
    });
    const retries = state.byPosition.flatMap(({ status, attempts }) =>
      status === "waiting" ? Date.parse(attempts.at(-1)?.retryAt ?? "") : [],
    );
    // Nothing is recorded of a total timeout before the end that it leads to.
    const wasTimedOut = before?.explanation.reason.kind === "run_timeout" && before.epoch === run.epoch;
    if (wasTimedOut && run.ended !== undefined && state.error?.code !== "RUN_TIMED_OUT") {
      world.fail("explain", `${runId}: its total timeout is said to be over, and it ends by ${state.error?.code}`);
    }
    known.set(runId, {
      state,
      epoch: run.epoch,
      events: run.history.length,
      owner,
      fromMs: Math.max(...retries.filter((ms) => ms <= atMs), 0),
      untilMs: Math.min(...retries.filter((ms) => ms > atMs)),
      explanation,
      unsure: explanation.nodes.flatMap(({ id, reason }) => (UNSURE.has(reason.kind) ? [[id, reason] as const] : [])),
    });
    checkRun(runId, run, explanation, atMs);
  }

  function ownerOf(runId: string, { ended, owner, isLeft }: RunModel): "drives" | "gone" | "left" | "stalled" {
    if (ended !== undefined) return "drives";
    if (!owner.holdsLock) return "gone";
    const undurable = owner.undurable.get(runId);
    return isLeft || undurable === "left" ? "left" : undurable === "refused" ? "stalled" : "drives";
  }

  function checkRun(runId: string, run: RunModel, explanation: Explanation, atMs: number): void {
    const fail = (what: string): void => world.fail("explain", `${runId}: ${what}`);
    const { history, workflow } = run;
    if (workflow === undefined) return;
    const unsettled = workflow.nodes.filter(({ id }) => run.nodes.get(id)?.settled === undefined).map(({ id }) => id);
    const ids = explanation.nodes.map(({ id }) => id);
    if (String(ids) !== String(unsettled)) fail(`${ids} are explained, ${unsettled} are unsettled`);
    const told = createTold(run, workflow, mayQueue);
    for (const { id, reason } of explanation.nodes) {
      const wrong = told.wrong(id, reason, explanation, atMs);
      if (wrong !== undefined) fail(`${id} is said to be ${JSON.stringify(reason)}: ${wrong}`);
    }
    const cause = told.wrongCause(explanation);
    if (cause !== undefined) fail(`the cause is said to be ${JSON.stringify(explanation.cause)}: ${cause}`);
    const again = history.filter((event) => event.type === "node.started" && event.attempt > 1);
    const isInWorkflow = (event: RunEvent): boolean => "node_id" in event && workflow.graph.ids.includes(event.node_id);
    if (again.filter(isInWorkflow).length !== explanation.called_again.length)
      fail("not every call made again is explained");
    for (const one of explanation.called_again) {
      const outcome = history.find(
        (event) =>
          event.type === "node.attempt_failed" && event.node_id === one.node_id && event.attempt === one.attempt - 1,
      );
      if (outcome?.type !== "node.attempt_failed" || outcome.outcome !== one.outcome) {
        fail(`${one.node_id}#${one.attempt} is said to follow ${one.outcome}`);
      }
    }
    const isDriven = run.owner.holdsLock && explanation.reason.kind !== "left";
    const onward = run.ended !== undefined || !isDriven ? "resume" : told.isPaused ? "unpause" : "watch";
    const next = run.ended === "succeeded" ? undefined : `${onward} ${runId}`;
    if (explanation.next !== next) fail(`${explanation.next} is said to be next, not ${next}`);
  }

  /** What depends on the whole process: it may be at work on what is not durable yet. */
  function checkUnsure(runId: string, run: RunModel, { unsure }: Explained): void {
    const { owner } = run;
    if (isClosing(owner) || !owner.holdsLock || owner.frozenUntilMs > world.nowMs) return;
    if ([...owner.undurable.values()].some((how) => how !== "left")) return;
    for (const [id, reason] of unsure) {
      const wrong = unsureWrong(run, reason);
      if (wrong !== undefined && !isBeginning(owner))
        world.fail("explain", `${runId}: ${id} is said to be ${JSON.stringify(reason)}: ${wrong}`);
    }
  }

  function unsureWrong(run: RunModel, reason: NodeReason): string | undefined {
    switch (reason.kind) {
      case "starting":
        return "it does not start";
      case "slot":
        return isAddressFull(run) ? undefined : "a slot is free";
      case "preflight":
        return run.checks > 0 ? undefined : "nothing is checked";
      case "preparing": {
        // The timer of a wait that is over may be about to be told of.
        if (reason.retry_at !== undefined) return undefined;
        if (mayQueue && !run.isOn) return undefined;
        const isPrepared = run.unswept.size === 0 && run.checks === 0;
        return isPrepared && !(reason.service !== undefined && isAddressFull(run)) ? "nothing is prepared" : undefined;
      }
      default:
        return undefined;
    }
  }

  /** Whether as many attempts of limited runs are outstanding in the owner's process as the run's own limit allows. */
  function isAddressFull({ owner, workflow }: RunModel): boolean {
    let taken = 0;
    for (const other of model.runs.values()) {
      if (other.owner !== owner || limitOf(other.workflow) === undefined) continue;
      // A node that was queued keeps the slot that it is granted, also where max_parallel does not let it start.
      const keeps = maxParallelNodes(known.get(other.history[0]?.run_id ?? "")?.explanation);
      for (const { id } of other.workflow?.nodes ?? []) {
        const isOutstanding = other.nodes.get(id)?.outstanding?.epoch === other.epoch;
        if ((isOutstanding || keeps.includes(id)) && isGrpc(other.workflow, id)) taken += 1;
      }
    }
    return taken >= (limitOf(workflow) ?? Number.POSITIVE_INFINITY);
  }

  return {
    check() {
      for (const [runId, run] of model.runs) renew(runId, run);
      for (const [runId, run] of model.runs) {
        const one = known.get(runId);
        if (one !== undefined && one.unsure.length > 0 && one.owner === "drives") checkUnsure(runId, run, one);
      }
    },
  };
}

function maxParallelNodes(explanation: Explanation | undefined): readonly string[] {
  return (explanation?.nodes ?? []).flatMap(({ id, reason }) => (reason.kind === "max_parallel" ? [id] : []));
}

const UNSURE: ReadonlySet<NodeReason["kind"]> = new Set(["starting", "slot", "preflight", "preparing"]);

function limitOf(workflow: Workflow | undefined): number | undefined {
  return workflow?.services.values().next().value?.maxConcurrency;
}

function isGrpc(workflow: Workflow | undefined, id: string): boolean {
  const node = workflow?.nodes.find((one) => one.id === id);
  return node !== undefined && kindOf(node) === "grpc";
}

/** What is true of a run by its own history, told once more and apart from the engine. */
function createTold(run: RunModel, workflow: Workflow, mayQueue: boolean) {
  const { history, nodes, epoch } = run;
  const begun = history.findLastIndex(
    (event) => event.type === "run.created" || (event.type === "run.resumed" && event.recovery !== true),
  );
  const since = history.slice(begun);
  const isSettled = (id: string): boolean => nodes.get(id)?.settled !== undefined;
  const hasSucceeded = (id: string): boolean => nodes.get(id)?.settled === "succeeded";
  const upstreamOf = (id: string): readonly string[] =>
    (workflow.graph.upstream[workflow.graph.ids.indexOf(id)] ?? []).map((from) => workflow.graph.ids[from] ?? "");
  const outstanding = [...nodes].flatMap(([id, node]) => (node.outstanding === undefined ? [] : [id]));
  const lastFailed = (id: string) => {
    const last = history.findLast((event) => "node_id" in event && event.node_id === id);
    return last?.type === "node.attempt_failed" ? last : undefined;
  };
  const { isPaused } = run;
  const isCancelled = since.some(({ type }) => type === "run.cancel_requested");
  const refused = since.some(
    (event) => event.type === "run.checked" && event.findings.some(({ severity }) => severity === "error"),
  );

  function wrong(id: string, reason: NodeReason, { limits }: Explanation, atMs: number): string | undefined {
    const started = nodes.get(id)?.outstanding;
    const holds = (isSo: boolean | undefined, otherwise: string): string | undefined => (isSo ? undefined : otherwise);
    const isReady = (): boolean => started === undefined && upstreamOf(id).every(hasSucceeded);
    switch (reason.kind) {
      case "ended":
        return holds(run.ended !== undefined, "the run goes on");
      case "interrupted":
        return holds(!run.owner.holdsLock && started?.attempt === reason.attempt, "it is being driven");
      case "left":
        return holds(run.isLeft || run.owner.undurable.has(run.history[0]?.run_id ?? ""), "it is being driven");
      case "stalled":
        return holds(run.owner.undurable.has(run.history[0]?.run_id ?? ""), "the journal takes everything");
      case "upstream": {
        const waits = reason.waits_for;
        const isSo = waits.length > 0 && waits.every((from) => upstreamOf(id).includes(from) && !isSettled(from));
        return holds(isSo && started === undefined, "it does not wait for them");
      }
      case "running":
      case "recovery": {
        const event = history.findLast((one) => one.type === "node.started" && one.node_id === id);
        if (started?.attempt !== reason.attempt || event?.at !== reason.since) return "no such attempt is outstanding";
        if (started.epoch < epoch !== (reason.kind === "recovery")) return `the attempt is of epoch ${started.epoch}`;
        if (reason.kind === "running" && reason.until < reason.since) return "it has no time";
        if (reason.ending === "cancel") return holds(isCancelled, "nobody cancels");
        if (reason.ending === "changed") return holds(started.isSuperseded, "it is what it was");
        return undefined;
      }
      case "retry":
        return holds(
          lastFailed(id)?.retry_at === reason.retry_at && Date.parse(reason.retry_at) > atMs,
          "it does not wait",
        );
      case "due":
        return holds(lastFailed(id)?.retry_at === reason.retry_at && Date.parse(reason.retry_at) <= atMs, "it waits");
      case "max_parallel": {
        const limit = limits.find(({ kind }) => kind === "max_parallel");
        const isSo =
          outstanding.length >= workflow.maxParallel &&
          String(inOrder(limit?.held_by)) === String(inOrder(outstanding));
        return holds(isSo && isReady(), `${outstanding} are outstanding`);
      }
      case "slot": {
        const limit = limits.find((one) => one.kind === "slot" && one.service === reason.service);
        const mine = outstanding.filter((one) => isGrpc(workflow, one) && nodes.get(one)?.outstanding?.epoch === epoch);
        const isSo = limit?.limit === limitOf(workflow) && String(inOrder(limit?.held_by)) === String(inOrder(mine));
        return holds(isSo && isReady() && isGrpc(workflow, id), `${mine} hold slots`);
      }
      case "preflight":
        return holds(epoch === 1 && !history.some(({ type }) => type === "run.started"), "the run has started");
      case "preparing": {
        const hasCalled = history.some((event) => event.type === "node.started" && event.epoch === epoch);
        const isNew = mayQueue && !history.some(({ type }) => type === "run.started");
        return holds((epoch > 1 || isNew) && !hasCalled && isReady(), "the run is prepared");
      }
      case "sweep":
      case "queued":
        return "only its owner can know";
      case "starting":
        return holds(isReady(), "it cannot start");
      case "refused":
        return holds(refused, "preflight did not fail");
      case "paused":
        return holds(isPaused, "nobody pauses");
      case "cancelling":
        return holds(isCancelled, "nobody cancels");
      case "stopping":
      case "run_timeout":
        return "what does not run is settled when a run stops";
    }
  }

  function wrongCause({ cause }: Explanation): string | undefined {
    const last = history.at(-1);
    const firstFailed = since.find((event) => event.type === "node.failed");
    switch (cause?.kind) {
      case undefined:
        return run.ended === "failed" || run.ended === "cancelled" ? "there is one" : undefined;
      case "node":
        return firstFailed?.type === "node.failed" && firstFailed.node_id === cause.node_id
          ? undefined
          : "another was first";
      case "preflight":
        return refused ? undefined : "preflight did not fail";
      case "cancel":
        return isCancelled ? undefined : "nobody cancels";
      case "error":
        return last?.type === "run.failed" && last.error?.code === cause.error.code
          ? undefined
          : "the run does not say so";
    }
  }

  return { wrong, wrongCause, isPaused };
}

function inOrder(ids: readonly string[] | undefined): readonly string[] {
  return (ids ?? []).toSorted();
}
