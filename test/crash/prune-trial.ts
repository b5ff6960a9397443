import { createSeededRandom, type Random } from "../../src/kernel/random.ts";
import type { FeedItem } from "../../src/ports/feed.ts";
import { createHold, firstCall } from "./askers.ts";
import type { TrialPlan, TrialResult } from "./campaign.ts";
import { findFaults, findHistoryFaults } from "./checks.ts";
import { makeEarlierRuns } from "./earlier-runs.ts";
import type { Kill } from "./facts.ts";
import { type Life, startCommand, startPrune } from "./life.ts";
import { type Death, liveThrough, type Next } from "./lives.ts";
import { findDamage, preparePlace, readEvents, readWorkflows } from "./place.ts";
import type { PrunePoint, RunPoint } from "./points.ts";
import { findFeedFaults, findPruneFaults, readHistories } from "./prune-checks.ts";
import type { PruneAim, PruneInput } from "./prune-entry.ts";
import { between, createScenario } from "./scenario.ts";
import type { World } from "./trial.ts";

/** How many runs each prune has to delete, at least. */
const EACH = 4;
/** How many ended runs stay. */
const STAY = 3;
/** About how long a prune takes from the start of its process on, milliseconds. */
const PRUNE_MS = 700;

/**
 * Prunes that are killed one after the other, beside somebody who follows all runs, and a run that goes on; at times
 * that is killed as well, and resumed after the last of them.
 */
export async function runPruneTrial(
  { folder, service }: World,
  { seed, isWide, points }: TrialPlan<PrunePoint>,
): Promise<TrialResult<PrunePoint | RunPoint>> {
  const random = createSeededRandom(seed ^ 0x5eed);
  const scenario = createScenario(seed, { isWide, address: service.address, mayFail: false });
  const runId = `trial-${seed}`;
  const place = preparePlace(folder, runId, scenario.text, true);
  const { stateDir } = place;
  const hold = createHold();
  service.play(runId, hold.over(scenario.script));
  const earlier = await makeEarlierRuns(stateDir, place.file, EACH * (points.length + 1) + STAY);
  const written = await readHistories(stateDir, [...earlier.ended, ...earlier.unfinished]);
  const follower = startCommand(["events", "--all", "--follow", "--json", "--state-dir", stateDir]);
  const faults: string[] = [];
  const prunes: Kill<PrunePoint>[] = [];

  const isInFlight = (life: number): boolean =>
    service.callsOf(runId).some((call) => call.life === life && call.end === "open");

  async function pruneAndDie(index: number, point: PrunePoint, life: number): Promise<void> {
    const keep = STAY + EACH * (points.length - index);
    const ended = await startToDie({ point, keep, stateDir, random }).ended;
    const events = await readEvents(stateDir, runId);
    const isOnCommand = point === "pruning";
    if (ended.signal === "SIGKILL") prunes.push({ point, life, events, isOnCommand, inFlight: isInFlight(life) });
    else if (ended.code !== 0) faults.push(`a prune ends with ${ended.code}: ${ended.stderr}`);
    if (random.next() < 0.3) faults.push(...(await findDamage(stateDir)));
  }

  const isKilled = random.next() < 0.5;
  const inFirst = isKilled ? points.length - 1 : points.length;

  async function live({ point, verb, life }: Next<RunPoint>): Promise<Death<RunPoint>> {
    const isFirst = life === 1;
    if (!isFirst)
      for (const [index, one] of points.entries()) if (index >= inFirst) await pruneAndDie(index, one, life);
    hold.begin();
    const words = verb === "run" ? ["run", place.file, "--run-id", runId] : ["resume", runId];
    const process = startCommand([...words, "--no-preflight", "--json", "--state-dir", stateDir], { life });
    await Promise.race([firstCall({ service, runId, life }), process.ended]);
    if (isFirst) for (const [index, one] of points.entries()) if (index < inFirst) await pruneAndDie(index, one, life);
    const inFlight = isInFlight(life);
    if (point !== undefined) process.signal("SIGKILL");
    else {
      const { code, stderr } = await startCommand(pruneWords(stateDir, STAY)).ended;
      if (code !== 0) faults.push(`a prune that is left in peace ends with ${code}: ${stderr}`);
      hold.end();
    }
    const ended = await process.ended;
    await service.quiet(runId, life);
    return { ...ended, inFlight, isOnCommand: true };
  }

  const lived = await liveThrough<RunPoint>(isKilled ? ["sent"] : [], live, () => readEvents(stateDir, runId));
  const { events, kills, printed, processes } = lived;
  const fed = await endFollowing(follower, stateDir);
  const nodeIds = Array.from({ length: scenario.nodes }, (_, index) => `n${index}`);
  const workflowOf = await readWorkflows(stateDir, events);
  const calls = service.callsOf(runId);
  faults.push(
    ...lived.faults,
    ...findFaults({ events, workflowOf, nodeIds, calls, kills, printed }),
    ...findHistoryFaults({ events, kills: prunes, printed: [] }),
    ...(await findPruneFaults({ stateDir, earlier, written, stay: STAY })),
    ...(await findFeedFaults(stateDir, fed)),
    ...(await findDamage(stateDir)),
  );
  place.remove();
  return { kills: [...prunes, ...kills], processes: processes + points.length + 3, calls: calls.length, faults };
}

interface Doomed {
  readonly point: PrunePoint;
  readonly keep: number;
  readonly stateDir: string;
  readonly random: Random;
}

/** A prune that is killed, unless it is over before. */
function startToDie({ point, keep, stateDir, random }: Doomed): Life {
  if (point !== "pruning") {
    const aim = aimAt(point, random);
    return startPrune({ stateDir, keep, aim } satisfies PruneInput);
  }
  const pruner = startCommand(pruneWords(stateDir, keep));
  const timer = setTimeout(() => pruner.signal("SIGKILL"), random.next() * PRUNE_MS);
  void pruner.ended.then(() => clearTimeout(timer));
  return pruner;
}

function aimAt(point: PruneAim["point"], random: Random): PruneAim {
  const isBack = point === "givingBack";
  const which = random.next();
  const when = which < 0.15 ? "before" : which < 0.3 ? "after" : "meanwhile";
  // To delete a run takes about a millisecond, to give back what a few have left about ten.
  return {
    point,
    nth: isBack ? 1 : between(random, 1, EACH),
    when,
    delayUs: between(random, 1, isBack ? 15_000 : 1500),
  };
}

function pruneWords(stateDir: string, keep: number): readonly string[] {
  return ["prune", "--keep", String(keep), "--state-dir", stateDir];
}

/** Kills whoever follows, and reads what is left from where that one came to. */
async function endFollowing(follower: Life, stateDir: string): Promise<readonly FeedItem[]> {
  follower.signal("SIGKILL");
  const first = linesOf((await follower.ended).stdout);
  const cursor = first.at(-1)?.cursor;
  const after = cursor === undefined ? [] : ["--after", cursor];
  const rest = await startCommand(["events", "--all", "--json", ...after, "--state-dir", stateDir]).ended;
  if (rest.code !== 0) throw new Error(`busbar events exits with ${rest.code}: ${rest.stderr}`);
  return [...first, ...linesOf(rest.stdout)];
}

/** A line that the kill cut is none. */
function linesOf(text: string): readonly FeedItem[] {
  return text
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as FeedItem);
}
