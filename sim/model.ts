import { isDeepStrictEqual } from "node:util";
import { isTerminalEvent, type RunEvent } from "../src/engine/events.ts";
import { checkHistory } from "../src/engine/rules.ts";
import type { Attempt } from "../src/ports/executor.ts";
import type { Workflow } from "../src/workflow/workflow.ts";
import type { CallWatcher, Found } from "./executor.ts";
import type { Write } from "./journal.ts";
import { type Abilities, type Asked, type Kind, kindOf, type Plan } from "./plan.ts";
import type { FarEnd } from "./service.ts";
import type { Process, World } from "./world.ts";

/**
 * What must hold whatever happens, told once more in the words of semantics.md (E1-E8) and apart from the
 * engine: it sees what becomes durable and what is called, and remembers as little as it can.
 */
export interface Model extends CallWatcher {
  readonly runs: ReadonlyMap<string, RunModel>;
  onWrite(process: Process, write: EventWrite): void;
  /** The process lives, and is taken for dead. */
  onLockLost(process: Process): void;
  /** A request that was answered as applied, with the event that says so (E8). */
  checkApplied(runId: string, seq: number, kind: Asked): void;
}

type EventWrite = Extract<Write, { readonly kind: "create" | "append" | "takeOver" }>;

export interface RunModel {
  readonly history: RunEvent[];
  readonly nodes: Map<string, NodeModel>;
  workflow: Workflow | undefined;
  epoch: number;
  owner: Process;
  ended: "succeeded" | "failed" | "cancelled" | undefined;
  /** What must be swept before anything is called: executors that can, and have not since the last takeover. */
  readonly unswept: Set<Kind>;
  /** A process that was taken for dead may still be at work. */
  isHaunted: boolean;
  isPaused: boolean;
  /** Its preflight broke the promise of the port. */
  isBroken: boolean;
  /** Its present owner took it over to answer a request, and has let go of it. */
  isLeft: boolean;
  /** Preflights of its present owner that are under way. */
  checks: number;
  /** Its present owner has begun something of it: it holds one of the places of runs that go on. */
  isOn: boolean;
  /** It is gone for good. */
  isPruned: boolean;
}

interface NodeModel {
  settled: "succeeded" | "failed" | "skipped" | "cancelled" | undefined;
  attempt: number;
  round: number;
  /** An attempt of this round was lost. */
  wasLost: boolean;
  outstanding: Started | undefined;
}

interface Started {
  readonly attempt: number;
  readonly key: string;
  readonly epoch: number;
  readonly process: Process;
  isCalled: boolean;
  found: Found | undefined;
  /** A changed file took its place: how it ends does not count. */
  isSuperseded: boolean;
}

type NodeEvent = Extract<RunEvent, { readonly node_id: string }>;

export function createModel(world: World, plan: Plan, farEnd: FarEnd, workflowOf: (hash: string) => Workflow): Model {
  const runs = new Map<string, RunModel>();
  const haunted = new Set<Process>();
  /** Runs whose gRPC nodes keep to a limit of the address that all share. Those that disagree each keep to their own. */
  const limited = new Map(
    plan.runs.flatMap((run) => {
      const { maxConcurrency } = plan.runs[run.rerunOf ?? -1] ?? run;
      return maxConcurrency === undefined ? [] : [[run.id, maxConcurrency]];
    }),
  );
  const limit = Math.max(...limited.values());
  /** Their open calls. */
  const open = new Map<Process, Set<string>>();
  const abilities = (kind: Kind): Abilities => plan.executors[kind];
  const check = (holds: boolean, rule: string, message: () => string): void => {
    if (!holds) world.fail(rule, message());
  };
  const runOf = (runId: string): RunModel => {
    const run = runs.get(runId);
    if (run === undefined) throw new Error(`no run ${runId}`);
    return run;
  };
  const nodeOf = (run: RunModel, id: string): NodeModel => {
    const known = run.nodes.get(id);
    if (known !== undefined) return known;
    const node: NodeModel = { settled: undefined, attempt: 0, round: 1, wasLost: false, outstanding: undefined };
    run.nodes.set(id, node);
    return node;
  };
  const kindOfId = (run: RunModel, id: string): Kind => {
    const node = run.workflow?.nodes.find((one) => one.id === id);
    return node === undefined ? "grpc" : kindOf(node);
  };

  function takeOver(run: RunModel, process: Process, epoch: number): void {
    const mayTake = run.ended !== undefined || run.owner === process || !run.owner.holdsLock;
    check(mayTake, "E6", () => `${process.name} takes a run over from ${run.owner.name}, which lives`);
    check(epoch === run.epoch + 1, "E6", () => `a takeover raises the epoch from ${run.epoch} to ${epoch}`);
    run.epoch = epoch;
    run.owner = process;
    run.checks = 0;
    run.isOn = false;
    run.unswept.clear();
    for (const kind of (run.workflow?.nodes ?? []).map(kindOf)) if (abilities(kind).sweep) run.unswept.add(kind);
    for (const node of run.nodes.values()) if (node.outstanding !== undefined) node.outstanding.found = undefined;
  }

  function record(run: RunModel, event: RunEvent): void {
    check(event.epoch === run.epoch, "E6", () => `event ${event.seq} is of epoch ${event.epoch}, not ${run.epoch}`);
    const follows = run.ended === undefined || (run.ended !== "succeeded" && event.type === "run.resumed");
    check(follows, "E5", () => `${event.type} follows the end: ${run.ended}`);
    run.history.push(event);
    if (event.type === "run.created") run.workflow = workflowOf(event.definition_hash);
    if (event.type === "run.resumed") {
      run.workflow = workflowOf(event.definition_hash);
      run.ended = undefined;
      for (const id of event.reset) Object.assign(nodeOf(run, id), resetOf(nodeOf(run, id)));
    }
    if (event.type === "run.paused" || event.type === "run.unpaused") {
      const pauses = event.type === "run.paused";
      check(run.isPaused !== pauses, "pause", () => `${event.type} of a run that is ${pauses ? "" : "not "}paused`);
      run.isPaused = pauses;
    }
    if (event.type === "run.started" || event.type === "node.started") goOn(run);
    if (isTerminalEvent(event)) run.isPaused = false;
    if (event.type === "run.succeeded") run.ended = "succeeded";
    if (event.type === "run.failed") run.ended = "failed";
    if (event.type === "run.cancelled") run.ended = "cancelled";
    if ("node_id" in event) recordOfNode(run, nodeOf(run, event.node_id), event);
  }

  /** Something of the run begins: as many go on at once as the owner takes on, and as the run's own file allows. */
  function goOn(run: RunModel): void {
    if (run.isOn) return;
    run.isOn = true;
    if (plan.maxRuns === undefined) return;
    // One that has been let go of, or that was refused, holds no place.
    const going = [...runs.values()].filter(
      (one) => one.isOn && one.owner === run.owner && one.ended === undefined && !one.isLeft && !isLost(one),
    );
    const most = plan.maxRuns;
    check(going.length <= most, "queue", () => `${going.length} runs go on at once, ${most} may`);
    const same = going.filter((one) => groupOf(one) === groupOf(run));
    // Each keeps to its own limit when it is admitted, which is not seen here.
    const own = Math.max(1, ...same.map(({ workflow }) => workflow?.concurrency?.maxRuns ?? Number.POSITIVE_INFINITY));
    check(same.length <= own, "queue", () => `${same.length} runs of ${groupOf(run)} go on at once, ${own} may`);
  }

  /** No run is made where as many go on as its file allows, and says that it is not to be made then. */
  function checkNotFull(run: RunModel): void {
    const { whenFull, maxRuns } = run.workflow?.concurrency ?? {};
    if (plan.maxRuns === undefined || whenFull !== "reject" || maxRuns === undefined) return;
    const others = [...runs.values()].filter(
      (one) =>
        one !== run && one.isOn && one.owner === run.owner && one.ended === undefined && !one.isLeft && !isLost(one),
    );
    const same = others.filter((one) => groupOf(one) === groupOf(run)).length;
    check(same < maxRuns, "queue", () => `${same} runs of ${groupOf(run)} go on, ${maxRuns} may, and another is made`);
  }

  function isLost({ owner, history, isBroken }: RunModel): boolean {
    return isBroken || owner.undurable.get(history[0]?.run_id ?? "") === "left";
  }

  function groupOf({ workflow }: RunModel): string {
    return `${workflow?.name} ${String(workflow?.concurrency?.key ?? "")}`;
  }

  function recordOfNode(run: RunModel, node: NodeModel, event: NodeEvent): void {
    const { outstanding } = node;
    const id = event.node_id;
    if (event.type === "node.started") {
      const { graph, maxParallel, nodes } = run.workflow ?? workflowOf("");
      const position = graph.ids.indexOf(id);
      const waits = (graph.upstream[position] ?? []).map((from) => graph.ids[from] ?? "");
      check(
        waits.every((from) => run.nodes.get(from)?.settled === "succeeded"),
        "E1",
        () => `${id} starts too early`,
      );
      check(!run.isPaused, "pause", () => `${id} starts in a paused run`);
      const mayStart = run.owner.decidedAtClose?.has(event.run_id) !== false;
      check(mayStart, "drain", () => `${id} starts, and ${run.owner.name} is about to go`);
      check(outstanding === undefined, "E2", () => `${id} starts while an attempt is outstanding`);
      check(node.settled !== "succeeded", "E3", () => `${id} has succeeded and starts again`);
      check(!node.wasLost || nodes[position]?.onLost !== "fail", "E4", () => `${id} was lost, and must not run twice`);
      const key = `${event.run_id}/${id}/${node.round}`;
      check(event.idempotency_key === key, "E4", () => `${id} has key ${event.idempotency_key}, not ${key}`);
      check(
        event.attempt === node.attempt + 1,
        "E2",
        () => `${id} makes attempt ${event.attempt} after ${node.attempt}`,
      );
      node.attempt = event.attempt;
      const { attempt, epoch } = event;
      node.outstanding = {
        attempt,
        key,
        epoch,
        process: run.owner,
        isCalled: false,
        found: undefined,
        isSuperseded: false,
      };
      const busy = [...run.nodes.values()].filter((one) => one.outstanding !== undefined).length;
      check(busy <= maxParallel, "max_parallel", () => `${busy} attempts are outstanding, ${maxParallel} may be`);
    } else if (event.type === "node.succeeded" && event.reused_from !== undefined) {
      checkKept(run, event);
      node.settled = "succeeded";
    } else if (event.type === "node.attempt_failed" || event.type === "node.succeeded") {
      check(
        outstanding?.attempt === event.attempt,
        "E3",
        () => `${event.type} of ${id}#${event.attempt}, which is over`,
      );
      node.outstanding = undefined;
      if (event.type === "node.succeeded") node.settled = "succeeded";
      const isLost = event.type === "node.attempt_failed" && event.outcome === "lost";
      if (isLost) node.wasLost = true;
      if (outstanding !== undefined) checkOutcome(run, id, outstanding, isLost);
    } else {
      check(node.settled !== "succeeded", "E3", () => `${event.type} of ${id}, which has succeeded`);
      node.settled = event.type === "node.failed" ? "failed" : event.type === "node.skipped" ? "skipped" : "cancelled";
    }
  }

  /** What is kept of another run was made by it, and stands there. */
  function checkKept(
    run: RunModel,
    { node_id, output, reused_from = "" }: Extract<NodeEvent, { type: "node.succeeded" }>,
  ): void {
    const [created] = run.history;
    const source = created?.type === "run.created" ? created.source : undefined;
    const made = runs
      .get(source ?? "")
      ?.history.some((event) => event.type === "node.succeeded" && event.node_id === node_id);
    const isSame = runs
      .get(reused_from)
      ?.history.some(
        (event) =>
          event.type === "node.succeeded" && event.node_id === node_id && isDeepStrictEqual(event.output, output),
      );
    check(
      made === true && isSame === true,
      "rerun",
      () => `${node_id} is kept of ${reused_from}, which has not made it`,
    );
  }

  /** Only an owner that made the call, or asked after it, knows its outcome; only a later one may call it lost. */
  function checkOutcome(run: RunModel, id: string, started: Started, isLost: boolean): void {
    const { found, isCalled, isSuperseded, epoch, attempt } = started;
    const isOwn = epoch === run.epoch;
    const name = `${id}#${attempt}`;
    if (isLost) {
      const wasAsked =
        !abilities(kindOfId(run, id)).recover ||
        found === "gone" ||
        found === "rejected" ||
        (isSuperseded && found !== undefined);
      check(!isOwn && wasAsked, "E4", () => `${name} is recorded as lost, and nobody asked after it (${found})`);
    } else if (isOwn) check(isCalled, "E8", () => `${name} has an outcome and was never called`);
    else check(found !== undefined && found !== "gone", "E4", () => `${name} has an outcome that nobody found`);
  }

  /** Whoever resumes a run wants it to go on. */
  function checkTakenUp(run: RunModel, events: readonly RunEvent[], wasPaused: boolean): void {
    const resumed = events.find((event) => event.type === "run.resumed");
    if (resumed === undefined || run.ended !== undefined) return;
    // What was asked while nobody drove it is answered in a recovery.
    const isAsked = events.some(({ type }) => type === "run.paused" || type === "run.unpaused");
    const isRight = resumed.by === NOBODY ? run.isPaused === wasPaused || isAsked : !run.isPaused;
    check(isRight, "pause", () => `a resume by ${resumed.by} leaves the run ${run.isPaused ? "" : "not "}paused`);
  }

  function checkRules(runId: string, run: RunModel): void {
    const violation = checkHistory(run.history, workflowOf)[0];
    if (violation !== undefined) world.fail(`history ${violation.rule}`, `${runId}: ${violation.message}`);
  }

  return {
    runs,
    onWrite(process, write) {
      const append = write.kind === "create" ? { ...write.run, epoch: 1 } : write.append;
      if (write.kind === "create") {
        check(!runs.has(append.runId), "E6", () => `${append.runId} is created twice`);
        runs.set(append.runId, createRunModel(process));
      }
      const run = runOf(append.runId);
      check(!run.isPruned, "J12", () => `${append.runId} was pruned, and goes on`);
      const wasPaused = run.isPaused;
      if (write.kind === "takeOver") {
        takeOver(run, process, append.epoch);
        run.isLeft = !append.events.some(({ type }) => type === "run.resumed" || type === "run.cancel_requested");
      } else check(!run.isLeft || append.events.length === 0, "pause", () => `${append.runId} goes on, and was let go`);
      check(run.owner === process, "E6", () => `${process.name} writes to a run of ${run.owner.name}`);
      check(run.epoch === append.epoch, "E6", () => `an append of epoch ${append.epoch} gets through at ${run.epoch}`);
      // Read as it is stored: nobody may change it afterwards.
      for (const event of append.events) record(run, structuredClone(event));
      if (write.kind === "create") checkNotFull(run);
      if (write.kind === "takeOver") checkTakenUp(run, append.events, wasPaused);
      checkRules(append.runId, run);
    },
    onLockLost(process) {
      haunted.add(process);
      for (const run of runs.values()) if (run.owner === process) run.isHaunted = true;
    },
    onExecute(process, kind, { runId, nodeId, attempt, idempotencyKey }: Attempt) {
      const run = runOf(runId);
      const node = nodeOf(run, nodeId);
      const { outstanding } = node;
      const name = `${runId} ${nodeId}#${attempt}`;
      // One that is taken for dead may have been overtaken between its append and its call.
      if (!haunted.has(process)) {
        check(node.settled !== "succeeded", "E3", () => `${name} is called, and the node has succeeded`);
        check(outstanding?.attempt === attempt, "E8", () => `${name} is called, and its start is not durable`);
        check(run.owner === process, "E6", () => `${name} is called by ${process.name}, not by ${run.owner.name}`);
        check(outstanding?.process === process, "E8", () => `${name} is called by another than started it`);
        check(outstanding?.key === idempotencyKey, "E4", () => `${name} is called with key ${idempotencyKey}`);
        check(outstanding?.isCalled !== true, "E2", () => `${name} is called twice`);
        check(!run.unswept.has(kind), "X7", () => `${name} is called before what was left has been swept`);
      }
      const isAlone = !abilities(kind).sweep || !abilities(kind).recover || run.isHaunted;
      check(isAlone || farEnd.atWork(runId, nodeId).length === 0, "E2", () => `${name} is called beside another`);
      // One that was overtaken calls what was outstanding before.
      if (outstanding?.attempt === attempt && outstanding.process === process) outstanding.isCalled = true;
      if (kind !== "grpc" || !limited.has(runId)) return;
      const calls = open.get(process) ?? new Set();
      open.set(process, calls.add(`${runId}/${nodeId}/${attempt}`));
      check(calls.size <= limit, "max_concurrency", () => `${calls.size} calls are open, ${limit} may be`);
    },
    onCallEnd: (process, { runId, nodeId, attempt }) => open.get(process)?.delete(`${runId}/${nodeId}/${attempt}`),
    onRecovered(process, { runId, nodeId, attempt }, found) {
      const run = runOf(runId);
      const { outstanding } = nodeOf(run, nodeId);
      const isDue = outstanding?.attempt === attempt && outstanding.epoch < run.epoch;
      check(
        isDue || haunted.has(process),
        "X4",
        () => `${runId} ${nodeId}#${attempt} is asked after, and is not outstanding`,
      );
      if (outstanding !== undefined && run.owner === process) outstanding.found = found;
      // An executor that breaks its promise has ended nothing, and what a changed file replaces begins all the same.
      if (found === "rejected" && outstanding?.isSuperseded === true) run.isHaunted = true;
    },
    onRelease(process, { runId, nodeId, attempt }) {
      const isOver = nodeOf(runOf(runId), nodeId).outstanding?.attempt !== attempt;
      check(
        isOver || haunted.has(process),
        "X6",
        () => `${nodeId}#${attempt} is released before its outcome is durable`,
      );
    },
    onSweep(process, _kind, runId, spared) {
      const run = runOf(runId);
      if (haunted.has(process)) return;
      check(run.owner === process, "X7", () => `${process.name} sweeps a run of ${run.owner.name}`);
      const outstanding = [...run.nodes].flatMap(([id, node]) =>
        node.outstanding === undefined || node.outstanding.epoch === run.epoch
          ? []
          : [`${id}#${node.outstanding.attempt}`],
      );
      // What was recorded as lost in the takeover itself may be spared or not.
      const missing = outstanding.filter((one) => !spared.includes(one));
      check(missing.length === 0, "X7", () => `a sweep of ${runId} does not spare ${missing.join(", ")}`);
    },
    onSwept(process, kind, runId) {
      const run = runOf(runId);
      if (run.owner === process) run.unswept.delete(kind);
    },
    onPreflight(process, runId, isUnderWay) {
      const run = runOf(runId);
      // One of an earlier owner, which was taken for dead, may end later.
      if (run.owner !== process) return;
      if (isUnderWay) goOn(run);
      run.checks = Math.max(0, run.checks + (isUnderWay ? 1 : -1));
    },
    onBrokenPreflight(runId) {
      runOf(runId).isBroken = true;
    },
    checkApplied(runId, seq, kind) {
      const event = runOf(runId).history[seq - 1];
      check(event?.type === FOLLOWS[kind], "E8", () => `a ${kind} of ${runId} is answered with ${event?.type}`);
    },
  };
}

/** Resumes on nobody's word: a paused run stays so. */
export const NOBODY = "nobody";

const FOLLOWS = { cancel: "run.cancel_requested", pause: "run.paused", unpause: "run.unpaused" } as const;

function createRunModel(owner: Process): RunModel {
  return {
    history: [],
    nodes: new Map(),
    workflow: undefined,
    epoch: 1,
    owner,
    ended: undefined,
    unswept: new Set(),
    isHaunted: false,
    isPaused: false,
    isBroken: false,
    checks: 0,
    isLeft: false,
    isOn: false,
    isPruned: false,
  };
}

function resetOf({ round, attempt, outstanding }: NodeModel): NodeModel {
  const superseded = outstanding === undefined ? undefined : { ...outstanding, isSuperseded: true };
  return { settled: undefined, attempt, round: round + 1, wasLost: false, outstanding: superseded };
}
