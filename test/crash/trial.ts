import { createSeededRandom } from "../../src/kernel/random.ts";
import { createHold } from "./askers.ts";
import type { TrialPlan, TrialResult } from "./campaign.ts";
import { findFaults } from "./checks.ts";
import type { CountingService } from "./counting-service.ts";
import { runLife, type Source } from "./executioner.ts";
import { factsOf } from "./facts.ts";
import { startCommand } from "./life.ts";
import { type Death, liveThrough, type Next } from "./lives.ts";
import { diedInCheckpoint, findDamage, preparePlace, readEvents, readWorkflows } from "./place.ts";
import { isOutside, type RunPoint } from "./points.ts";
import { between, createScenario } from "./scenario.ts";

export interface CallTrialPlan<Point extends string = RunPoint> extends TrialPlan<Point> {
  /** One node fails for good in its first round. */
  readonly mayFail: boolean;
}

export interface World {
  readonly folder: string;
  readonly service: CountingService;
}

/** SQLite begins a checkpoint at 1,000 pages in the WAL; so many of padding leave it to the appends after run.created. */
const PADDING_PAGES = 986;
/** Bytes of a page that hold a long text. */
const PAGE_BYTES = 4092;

export async function runTrial({ folder, service }: World, plan: CallTrialPlan): Promise<TrialResult<RunPoint>> {
  const random = createSeededRandom(plan.seed ^ 0x5eed);
  // A checkpoint needs a journal whose WAL is about to be full; all others share one.
  const ownJournal = plan.points.includes("checkpoint");
  const scenario = createScenario(plan.seed, {
    ...plan,
    address: service.address,
    ...(ownJournal ? { paddingBytes: (PADDING_PAGES - between(random, 0, 8)) * PAGE_BYTES } : {}),
  });
  const runId = `trial-${plan.seed}`;
  const place = preparePlace(folder, runId, scenario.text, ownJournal);
  const nodeIds = Array.from({ length: scenario.nodes }, (_, index) => `n${index}`);
  const hold = createHold();
  service.play(runId, hold.over(scenario.script));

  const source = plan.points.includes("reused") ? await makeSource() : undefined;

  /** A run that is left in peace, and ends as it does. */
  async function makeSource(): Promise<Source> {
    const name = `${runId}-source`;
    service.play(name, scenario.script);
    const common = ["--no-preflight", "--state-dir", place.stateDir];
    await startCommand(["run", place.file, "--run-id", name, ...common], { life: 0 }).ended;
    return { runId: name, from: nodeIds[between(random, 0, nodeIds.length - 1)] ?? "" };
  }

  async function live({ point, verb: next, life, events }: Next<RunPoint>): Promise<Death<RunPoint>> {
    const unsettled = nodeIds.filter((id) => !factsOf(events, id).isSettled).length;
    const { isWide } = plan;
    const verb = next === "run" && source !== undefined ? "rerun" : next;
    const ended = await runLife({ service, random, place, runId, hold, verb, source, life, point, unsettled, isWide });
    // The thread may have missed the checkpoint by a moment.
    const missed = point === "checkpoint" && ended.signal === "SIGKILL" && !diedInCheckpoint(place.stateDir);
    return { ...ended, ...(missed ? { point: "instant" } : {}), isOnCommand: point !== undefined && isOutside(point) };
  }

  const lived = await liveThrough(plan.points, live, () => readEvents(place.stateDir, runId));
  const { events, kills, printed, processes } = lived;
  const faults = [...lived.faults];
  if (plan.points.includes("ended")) faults.push(...(await checkRefused(place.stateDir, runId)));
  const calls = service.callsOf(runId);
  const workflowOf = await readWorkflows(place.stateDir, events);
  faults.push(...findFaults({ events, workflowOf, nodeIds, calls, kills, printed }));
  if (ownJournal) faults.push(...(await findDamage(place.stateDir)));
  place.remove();
  return { kills, processes, calls: calls.length, faults };
}

/** A run that has ended well is not driven again. */
async function checkRefused(stateDir: string, runId: string): Promise<readonly string[]> {
  const { code, stderr } = await startCommand(["resume", runId, "--state-dir", stateDir]).ended;
  if (code === 2 && stderr.includes("RUN_ALREADY_SUCCEEDED")) return [];
  return [`to resume a run that has succeeded was not refused: exit ${code}: ${stderr}`];
}
