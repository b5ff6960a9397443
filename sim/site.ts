import { type MemoryJournal, openMemoryJournal } from "../src/adapters/journal-memory/journal.ts";
import { createMemoryStore } from "../src/adapters/journal-memory/store.ts";
import type { Workflow } from "../src/workflow/workflow.ts";
import { createProcessClock, type ProcessClock } from "./clock.ts";
import { createDraw } from "./draw.ts";
import { createSimExecutor } from "./executor.ts";
import { createExplanations } from "./explanations.ts";
import { createFeedModel, type FeedModel } from "./feed-model.ts";
import { createSimJournal, type Disk, noFaults, type Write, type WriteFaults } from "./journal.ts";
import { createModel, type Model } from "./model.ts";
import { type Owner, openOwner } from "./owner.ts";
import type { Kind, Plan } from "./plan.ts";
import { createPromises, type Promises } from "./promises.ts";
import { createPruning, type Pruning } from "./pruning.ts";
import { createFarEnd, type FarEnd } from "./service.ts";
import { changedPlan, workflowOfPlan } from "./workflows.ts";
import { createWorld, type Process, type World } from "./world.ts";

/** What makes a run a process's own. */
const BEGINNINGS: ReadonlySet<string> = new Set(["start", "resume", "rerun"]);

/** A simulated site: one disk, one far end, the owners of a plan. */
export interface Site {
  readonly plan: Plan;
  readonly world: World;
  readonly disk: Disk;
  readonly farEnd: FarEnd;
  readonly model: Model;
  readonly pruning: Pruning;
  readonly feed: FeedModel;
  /** The last that a feed gave. */
  cursor: string | undefined;
  readonly promises: Promises;
  readonly workflows: readonly { readonly first: Workflow; readonly changed: Workflow }[];
  /** The owners that are there now. */
  readonly opened: ReadonlyMap<number, Opened>;
  /** Something has become durable. */
  onWrite(process: Process, write: Write): void;
  open(owner: number): Opened;
  crash(opened: Opened): void;
  /** It has closed its journal: it owns nothing any more. */
  leave(opened: Opened): void;
}

/** An owner from its opening to its end. */
export interface Opened {
  readonly process: Process;
  readonly owner: Owner;
  readonly journal: MemoryJournal;
  readonly clock: ProcessClock;
  readonly faults: WriteFaults;
  close(graceMs: number): Promise<void>;
  /** It was asked to close; it takes no more orders. */
  isClosing: boolean;
}

export function createSite(plan: Plan, keepTrace: boolean): Site {
  const world = createWorld(createDraw(plan.seed, "order"), keepTrace);
  const disk: Disk = { store: createMemoryStore(), fullUntilMs: 0, isCalm: false, logs: new Set() };
  const farEnd = createFarEnd(world, plan);
  const workflows = plan.runs.map((one) => {
    const run = plan.runs[one.rerunOf ?? -1] ?? one;
    return { first: workflowOfPlan(run), changed: workflowOfPlan(changedPlan(run)) };
  });
  const byHash = new Map(
    workflows.flatMap(({ first, changed }) => [first, changed]).map((one) => [one.definition.hash, one]),
  );
  const workflowOf = (hash: string): Workflow => {
    const workflow = byHash.get(hash);
    if (workflow === undefined) throw new Error(`no workflow has the hash ${hash}`);
    return workflow;
  };
  const model = createModel(world, plan, farEnd, workflowOf);
  const feed = createFeedModel(world);
  const pruning = createPruning(world, disk, model, feed);
  const promises = createPromises(world);
  const opened = new Map<number, Opened>();
  const explanations = createExplanations(
    world,
    plan,
    model,
    workflowOf,
    (process) => opened.get(process.owner)?.isClosing !== false,
    (process) => promises.pending().some((one) => one.process === process && BEGINNINGS.has(one.what)),
  );
  world.afterStep = explanations.check;
  const openings = new Map<number, number>();

  function crash(one: Opened): void {
    if (!one.process.alive) return;
    world.note(`${one.process.name} is killed`);
    one.process.alive = false;
    one.process.holdsLock = false;
    one.journal.abandon();
    if (opened.get(one.process.owner) === one) opened.delete(one.process.owner);
  }

  function onWrite(process: Process, write: Write): void {
    if (write.kind === "request") return pruning.onRequest(write.request);
    if (write.kind === "prune") return pruning.onPruned(write.runId, write.at);
    if (write.kind === "create") disk.logs.add(write.run.runId);
    feed.onEvents(write.kind === "create" ? write.run.events : write.append.events);
    model.onWrite(process, write);
  }

  function open(index: number): Opened {
    const count = (openings.get(index) ?? 0) + 1;
    openings.set(index, count);
    const name = `o${index}.${count}`;
    const draw = createDraw(plan.seed, name);
    const process: Process = {
      name,
      owner: index,
      bornMs: world.nowMs,
      draw,
      alive: true,
      holdsLock: true,
      frozenUntilMs: 0,
      undurable: new Map(),
      decidedAtClose: undefined,
    };
    const faults = noFaults();
    const inner = openMemoryJournal(disk.store, { id: name, pid: index * 100 + count, host: "sim", startedAt: name });
    const clock = createProcessClock(world, process);
    const journal = createSimJournal({
      world,
      disk,
      process,
      faults,
      inner,
      onWrite: (write) => onWrite(process, write),
      onPage: feed.onPage,
      crash: () => crash(one),
    });
    const executorOf = (kind: Kind) =>
      createSimExecutor({ world, process, farEnd, kind, abilities: plan.executors[kind], watcher: model });
    const executors = { grpc: executorOf("grpc"), docker: executorOf("docker") };
    const owner = openOwner({
      process,
      journal,
      executors,
      clock,
      logs: pruning.logsFor(process),
      maxRuns: plan.maxRuns,
    });
    const one: Opened = {
      process,
      owner,
      journal: inner,
      clock,
      faults,
      isClosing: false,
      async close(graceMs) {
        await owner.close(graceMs);
        await journal.close();
      },
    };
    opened.set(index, one);
    world.note(`${name} opens`);
    return one;
  }

  return {
    plan,
    world,
    disk,
    farEnd,
    model,
    pruning,
    feed,
    cursor: undefined,
    promises,
    workflows,
    opened,
    onWrite,
    open,
    crash,
    leave(one) {
      if (opened.get(one.process.owner) === one) opened.delete(one.process.owner);
    },
  };
}
