import { openMemoryJournal } from "../src/adapters/journal-memory/journal.ts";
import type { RunEvent } from "../src/engine/events.ts";
import { BusbarError } from "../src/kernel/errors.ts";
import { NOW } from "../src/ports/feed.ts";
import { NOBODY } from "./model.ts";
import type { Driven } from "./owner.ts";
import type { Action, Asked, Which } from "./plan.ts";
import type { Opened, Site } from "./site.ts";

type RerunAction = Extract<Action, { readonly kind: "rerun" }>;
type FeedAction = Extract<Action, { readonly kind: "feed" }>;
type ResumeAction = Extract<Action, { readonly kind: "resume" }>;

/** Does what a plan says happens from outside. */
export function act(site: Site, action: Action): void {
  const { world, disk } = site;
  if (action.kind === "full") {
    disk.fullUntilMs = Math.max(disk.fullUntilMs, world.nowMs + action.forMs);
    return world.note(`the disk is full for ${action.forMs} ms`);
  }
  if (action.kind === "jump") {
    world.wallAheadMs += action.byMs;
    return world.note(`the wall clock jumps by ${action.byMs} ms`);
  }
  if (action.kind === "newer-version") return void visit(site, site.plan.runs[action.run]?.id ?? "");
  if (action.kind === "open") {
    if (!site.opened.has(action.owner)) site.open(action.owner);
    return;
  }
  const one = site.opened.get(action.owner);
  if (one === undefined || one.isClosing) return;
  world.note(`${one.process.name} ${action.kind}${"run" in action ? ` ${idOf(site, action.run)}` : ""}`);
  switch (action.kind) {
    case "start":
      return start(site, one, action.run, action.preflight, action.priority);
    case "resume":
      return resume(site, one, action.run, action);
    case "rerun":
      return rerun(site, one, action);
    case "cancel":
    case "pause":
    case "unpause":
      return ask(site, one, action.run, action.kind, action.key);
    case "watch":
      return watch(site, one, action.run);
    case "get":
      return get(site, one, action.run);
    case "feed":
      return feed(site, one, action);
    case "prune":
      return prune(site, one, action.which);
    case "crash":
      if (action.when === "now") site.crash(one);
      else one.faults.crash = action.when;
      return;
    case "close":
      return close(site, one, action.graceMs);
    case "freeze":
      one.process.frozenUntilMs = world.nowMs + action.forMs;
      return;
    case "lose-lock":
      return loseLock(site, one);
    case "busy":
      one.faults.busyUntilMs = world.nowMs + action.forMs;
      return;
    case "slow":
      one.faults.slowUntilMs = world.nowMs + action.forMs;
      return;
    case "unacknowledged":
      one.faults.isUnacknowledged = true;
      return;
  }
}

export function start(
  site: Site,
  { owner, process }: Opened,
  run: number,
  preflight: boolean,
  priority?: number,
): void {
  const id = idOf(site, run);
  const workflow = site.workflows[run]?.first;
  if (workflow === undefined) return;
  site.promises.track({
    what: "start",
    about: id,
    process,
    promise: owner.start(id, workflow, preflight, priority),
    fulfilled: (driven) => follow(site, process, id, driven),
    rejected: () => isBroken(site, id),
  });
}

export function resume(
  site: Site,
  { owner, process }: Opened,
  run: number,
  { preflight, changed = false, recovery = false }: Pick<ResumeAction, "preflight" | "changed" | "recovery">,
): void {
  const id = idOf(site, run);
  const by = recovery ? NOBODY : process.name;
  // A preflight tells its run by the name of a service, which a rerun has of its source.
  const isChecked = preflight && site.plan.runs[run]?.rerunOf === undefined;
  site.promises.track({
    what: "resume",
    about: id,
    process,
    promise: owner.resume(id, by, isChecked, {
      changed: changed ? site.workflows[run]?.changed : undefined,
      recovery,
    }),
    fulfilled(driven) {
      const isDurable = site.model.runs.get(id)?.history.some((event) => event.type === "run.resumed");
      if (!isDurable) site.world.fail("E8", `resume of ${id} resolves before it is durable`);
      follow(site, process, id, driven);
    },
    rejected: () => isBroken(site, id),
  });
}

function rerun(site: Site, { owner, process }: Opened, { run, from, changed = false }: RerunAction): void {
  const id = idOf(site, run);
  const source = site.plan.runs[run]?.rerunOf;
  const workflows = site.workflows[run];
  if (source === undefined || workflows === undefined) return;
  const nodes = from.flatMap((place) => workflows.first.graph.ids[place] ?? []);
  site.promises.track({
    what: "rerun",
    about: id,
    process,
    promise: owner.rerun(idOf(site, source), id, nodes, changed ? workflows.changed : undefined),
    fulfilled: (driven) => follow(site, process, id, driven),
    rejected: () => isBroken(site, id),
  });
}

function follow(site: Site, process: Opened["process"], id: string, { ended }: Driven): void {
  site.promises.track({
    what: "ended",
    about: id,
    process,
    promise: ended,
    fulfilled(event) {
      const stored = site.model.runs.get(id)?.history[event.seq - 1];
      if (stored?.type !== event.type) site.world.fail("E8", `${event.type} of ${id} is told and not durable`);
    },
    rejected: () => isBroken(site, id),
  });
}

/** A preflight that rejects breaks the promise of its port; the driver may say so. */
function isBroken(site: Site, id: string): boolean {
  return site.model.runs.get(id)?.isBroken === true;
}

export function ask(site: Site, { owner, process }: Opened, run: number, kind: Asked, key: string): void {
  const id = idOf(site, run);
  site.promises.track({
    what: kind,
    about: id,
    process,
    promise: owner.request(kind, id, process.name, key),
    fulfilled(answer) {
      if (answer.kind === "applied") site.model.checkApplied(id, answer.seq, kind);
    },
  });
}

/** R4: each event once, in order, only when durable. */
function watch(site: Site, { owner, process }: Opened, run: number): void {
  const id = idOf(site, run);
  const read = async (): Promise<void> => {
    let seq = 0;
    for await (const event of owner.watch(id)) {
      seq += 1;
      if (event.seq !== seq || !isStored(site, id, event)) {
        site.world.fail("R4", `watch of ${id} tells event ${event.seq}, ${seq} is next`);
      }
    }
  };
  site.promises.track({ what: "watch", about: id, process, promise: read() });
}

function isStored(site: Site, id: string, event: RunEvent): boolean {
  return JSON.stringify(site.model.runs.get(id)?.history[event.seq - 1]) === JSON.stringify(event);
}

function get(site: Site, { owner, process }: Opened, run: number): void {
  const id = idOf(site, run);
  site.promises.track({ what: "get", about: id, process, promise: owner.get(id) });
}

/** Follows all runs for a while. */
function feed(site: Site, { owner, process }: Opened, { after, forMs }: FeedAction): void {
  const stop = new AbortController();
  const cursor = after === "last" ? site.cursor : after === "now" ? NOW : undefined;
  const take = site.feed.follow();
  const read = async (): Promise<void> => {
    for await (const item of owner.feed(cursor, stop.signal)) {
      site.cursor = item.cursor;
      take(item);
    }
  };
  site.world.after(forMs, process, () => stop.abort());
  site.promises.track({ what: "feed", about: after, process, promise: read() });
}

export function prune(site: Site, { owner, process }: Opened, which: Which): void {
  site.promises.track({
    what: "prune",
    about: JSON.stringify(which),
    process,
    promise: owner.prune(which),
    fulfilled(pruned) {
      const left = pruned.find((runId) => site.model.runs.get(runId)?.isPruned !== true);
      if (left !== undefined) site.world.fail("J12", `${left} is said to be pruned, and is there`);
    },
  });
}

/** The id of a pruned run is refused as a new one, and there is nothing of that id. */
export function tryAgain(site: Site, { owner, process }: Opened, run: number): void {
  const id = idOf(site, run);
  const workflow = site.workflows[run]?.first;
  if (workflow === undefined) return;
  const asked: readonly (readonly [code: string, what: string, promise: Promise<unknown>])[] = [
    ["RUN_EXISTS", "start", owner.start(id, workflow, false)],
    ["RUN_NOT_FOUND", "resume", owner.resume(id, process.name, false)],
    ["RUN_NOT_FOUND", "rerun", owner.rerun(id, `${id}-again`, [])],
    ["RUN_NOT_FOUND", "pause", owner.request("pause", id, process.name, "too late")],
    ["RUN_NOT_FOUND", "get", owner.get(id)],
  ];
  for (const [code, what, promise] of asked) {
    const fail = (how: string): void => site.world.fail("J12", `${what} of ${id}, which was pruned: ${how}`);
    site.promises.track({
      what: `${what} of what is gone`,
      about: id,
      process,
      promise,
      fulfilled: () => fail("it is done"),
      rejected(error) {
        const isFull = error instanceof BusbarError && error.code === "RUN_QUEUE_FULL" && what === "start";
        if (!isFull && !(error instanceof BusbarError && error.code === code)) fail(String(error));
        return true;
      },
    });
  }
}

/** What was asked of a process that closes is told soon after: a look at a closed journal ends it. */
const GRACE_MS = 5000;

export function close(site: Site, one: Opened, graceMs = 0): void {
  one.isClosing = true;
  const { process, clock } = one;
  const { world } = site;
  process.decidedAtClose = new Set(process.undurable.keys());
  const closed = one.close(graceMs).then(() => {
    world.note(`${process.name} has closed`);
    site.leave(one);
    return new Promise<void>((resolve) => world.after(GRACE_MS, process, resolve));
  });
  site.promises.track({
    what: "close",
    about: process.name,
    process,
    promise: closed,
    fulfilled() {
      if (clock.pending() > 0) world.fail("timer", `${process.name} has closed and ${clock.pending()} timers wait`);
      for (const { what, about, process: whose } of site.promises.pending()) {
        if (whose === process) world.fail(`unsettled ${what}`, `${what} of ${about}: ${process.name} has closed`);
      }
      process.alive = false;
    },
    rejected(error) {
      world.fail("close", `${process.name} cannot be closed: ${String(error)}`);
      return true;
    },
  });
}

function loseLock(site: Site, one: Opened): void {
  one.process.holdsLock = false;
  site.model.onLockLost(one.process);
  const known = site.disk.store.owners.get(one.process.name);
  if (known !== undefined) site.disk.store.owners.set(one.process.name, { ...known, alive: false });
}

/** A process of a newer version that takes the run over, records something new and is killed. */
async function visit(site: Site, id: string): Promise<void> {
  const { world, disk, model } = site;
  const run = model.runs.get(id);
  if (run === undefined || run.ended !== undefined || run.owner.holdsLock) return;
  const name = `newer-${world.steps}`;
  const journal = openMemoryJournal(disk.store, { id: name, pid: 1, host: "sim", startedAt: name });
  const record = await journal.readRun(id);
  if (record === undefined) return;
  const epoch = record.epoch + 1;
  const envelope = { seq: record.lastSeq + 1, at: "2025-01-01T00:00:00.000Z", run_id: id, epoch };
  const event: RunEvent = JSON.parse(
    JSON.stringify({ ...envelope, type: "run.annotated", note: "from a newer version" }),
  );
  const append = { runId: id, epoch, events: [event], summary: record.summary };
  await journal.takeOver(append);
  world.note(`${name} takes ${id} over`);
  site.onWrite({ ...run.owner, name, alive: false, holdsLock: false }, { kind: "takeOver", append });
  journal.abandon();
}

function idOf(site: Site, run: number): string {
  return site.plan.runs[run]?.id ?? "";
}
