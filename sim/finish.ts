import { ask, close, prune, resume, tryAgain } from "./act.ts";
import type { RunModel } from "./model.ts";
import type { Opened, Site } from "./site.ts";

/** Longer than anything takes that goes on: a timeout, a wait before a retry, the time to answer an abort. */
const REST_MS = 30_000;
/** More than wall clocks jump by, and longer than a living owner tells of an end. */
const LATER_MS = 1_000_000;
/** A run that is resumed ends well after at most so many times: what was left going on may fail it again. */
const MAX_RESUMES = 5;

/**
 * The end of a simulation: nothing goes wrong any more, and everything must come to rest. Every promise is
 * settled, every run can be brought to its end, and of a closed owner nothing is left.
 */
export async function finish(site: Site): Promise<void> {
  const { world } = site;
  calm(site);
  await unpauseAll(site);
  // What waits for a run that nobody drives is judged below, when the run has ended.
  for (const { what, about, process } of site.promises.pending()) {
    if (what === "watch" || what === "feed") continue;
    world.fail(`unsettled ${what}`, `${what} of ${about} in ${process.name} never settles`);
  }
  for (const [index, { id }] of site.plan.runs.entries()) {
    const run = site.model.runs.get(id);
    if (run !== undefined && !run.isPruned) await bringHome(site, index, id, run);
    if (world.failures.length > 0) return;
  }
  if (site.plan.actions.some(({ kind }) => kind === "prune")) await pruneAll(site);
  for (const one of [...site.opened.values()]) if (!one.isClosing) close(site, one);
  await rest(site);
  for (const { what, about, process } of site.promises.pending()) {
    world.fail(`unsettled ${what}`, `${what} of ${about} in ${process.name} never settles`);
  }
}

/** Nobody tells of an end any more: all runs can go, and none of them can come again. */
async function pruneAll(site: Site): Promise<void> {
  const { world, model, disk, pruning } = site;
  world.wallAheadMs += LATER_MS;
  const one = anyOwner(site);
  prune(site, one, { keep: 0 });
  await rest(site);
  const left = [...model.runs].find(([, { isPruned }]) => !isPruned);
  if (left !== undefined) world.fail("J12", `${left[0]} has ended, and cannot be pruned`);
  if (disk.logs.size > 0) world.fail("J12", `the logs of ${[...disk.logs]} are left`);
  pruning.check();
  for (const [index, { id }] of site.plan.runs.entries()) if (model.runs.has(id)) tryAgain(site, one, index);
  await rest(site);
}

/** All faults end, whoever was taken for dead dies, whoever is away comes back. */
function calm(site: Site): void {
  const { world, disk } = site;
  world.note("all faults end");
  site.farEnd.heal();
  disk.fullUntilMs = 0;
  disk.isCalm = true;
  for (const one of [...site.opened.values()]) {
    Object.assign(one.faults, { busyUntilMs: 0, slowUntilMs: 0, isUnacknowledged: false, crash: undefined });
    one.process.frozenUntilMs = 0;
    // One that closes lets go by itself.
    if (!one.process.holdsLock && !one.isClosing) site.crash(one);
  }
  for (let owner = 0; owner < site.plan.owners; owner += 1) if (!site.opened.has(owner)) site.open(owner);
}

/** A paused run that somebody drives waits to be unpaused; another one to be resumed. */
async function unpauseAll(site: Site): Promise<void> {
  for (let times = 1; ; times += 1) {
    await rest(site);
    const paused = [...site.plan.runs.entries()].filter(([, { id }]) => {
      const run = site.model.runs.get(id);
      return run?.isPaused === true && run.owner.holdsLock && !run.isLeft;
    });
    if (paused.length === 0 || site.world.failures.length > 0 || times > MAX_RESUMES) return;
    for (const [index] of paused) ask(site, anyOwner(site), index, "unpause", `at last ${times}`);
  }
}

/** Goes on until all promises are settled. */
function rest(site: Site): Promise<void> {
  return restUntil(site, () => site.promises.pending().length === 0);
}

/** Goes on until that is so, or nothing more is achieved. */
async function restUntil({ world }: Site, isSo: () => boolean): Promise<void> {
  world.progress();
  while (world.failures.length === 0 && !isSo() && world.nowMs - world.progressMs < REST_MS) {
    if (!(await world.step())) return;
  }
}

async function bringHome(site: Site, index: number, id: string, run: RunModel): Promise<void> {
  const { world } = site;
  for (let times = 0; run.ended !== "succeeded"; times += 1) {
    if (world.failures.length > 0) return;
    // Who took it over to answer a request drives it on, and has promised nobody anything.
    if (run.ended === undefined && run.owner.holdsLock && !run.isLeft)
      await restUntil(site, () => run.ended !== undefined);
    const isDriverless = run.ended === undefined && run.owner.holdsLock;
    if (isDriverless && !run.isBroken && !run.isLeft) {
      return world.fail("orphaned", `${id} is unfinished, its owner ${run.owner.name} lives, and nobody drives it`);
    }
    if (times === MAX_RESUMES) return world.fail("not resumable", `${id} does not succeed when all is well`);
    const epoch = run.epoch;
    resume(site, isDriverless ? ownerOf(site, run) : anyOwner(site), index, { preflight: false });
    await rest(site);
    // Its last driver may still be about to let go.
    if (run.epoch === epoch) await restUntil(site, () => false);
  }
}

function ownerOf(site: Site, run: RunModel): Opened {
  return site.opened.get(run.owner.owner) ?? anyOwner(site);
}

function anyOwner(site: Site): Opened {
  const [first] = site.opened.values();
  return first ?? site.open(0);
}
