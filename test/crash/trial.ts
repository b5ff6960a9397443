import { isTerminalEvent, type RunEvent } from "../../src/engine/events.ts";
import { createSeededRandom } from "../../src/kernel/random.ts";
import { findFaults } from "./checks.ts";
import type { CountingService } from "./counting-service.ts";
import { runLife } from "./executioner.ts";
import { factsOf, type Kill } from "./facts.ts";
import { type Ended, startCommand } from "./life.ts";
import { diedInCheckpoint, findDamage, preparePlace, readEvents, readWorkflows } from "./place.ts";
import { isOutside, type Point } from "./points.ts";
import { between, createScenario } from "./scenario.ts";

/** One run, killed as planned and resumed until it succeeds. */
export interface TrialPlan {
  readonly seed: number;
  readonly isWide: boolean;
  /** One node fails for good in its first round. */
  readonly mayFail: boolean;
  /** One process each; a process that does not come to its point ends in peace. */
  readonly points: readonly Point[];
}

export interface World {
  readonly folder: string;
  readonly service: CountingService;
}

export interface TrialResult {
  readonly plan: TrialPlan;
  readonly runId: string;
  readonly kills: readonly Kill[];
  readonly processes: number;
  readonly calls: number;
  readonly faults: readonly string[];
}

/** SQLite begins a checkpoint at 1,000 pages in the WAL; so many of padding leave it to the appends after run.created. */
const PADDING_PAGES = 986;
/** Bytes of a page that hold a long text. */
const PAGE_BYTES = 4092;
/** Processes after the last kill: one to end the run, and one more if it failed. */
const MAX_MORE = 2;

export async function runTrial({ folder, service }: World, plan: TrialPlan): Promise<TrialResult> {
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
  service.play(runId, scenario.script);

  const kills: Kill[] = [];
  const printed: RunEvent[] = [];
  const faults: string[] = [];
  let events: readonly RunEvent[] = [];
  let life = 0;
  for (const point of [...plan.points, ...Array<undefined>(MAX_MORE)]) {
    if (events.at(-1)?.type === "run.succeeded") break;
    life += 1;
    const verb = events.length === 0 ? "run" : "resume";
    const unsettled = nodeIds.filter((id) => !factsOf(events, id).isSettled).length;
    const ended = await runLife({ service, random, place, runId, verb, life, point, unsettled, isWide: plan.isWide });
    const inCheckpoint = point === "checkpoint" && ended.signal === "SIGKILL" && diedInCheckpoint(place.stateDir);
    printed.push(...linesOf(ended.stdout));
    events = await readEvents(place.stateDir, runId);
    if (point !== undefined && ended.signal === "SIGKILL") {
      // The thread may have missed the checkpoint by a moment.
      const hit = point === "checkpoint" && !inCheckpoint ? "instant" : point;
      kills.push({ point: hit, life, events, isOnCommand: isOutside(point), inFlight: ended.inFlight });
    } else {
      faults.push(...checkExit(ended, events, life));
    }
  }
  if (plan.points.includes("ended")) faults.push(...(await checkRefused(place.stateDir, runId)));
  const calls = service.callsOf(runId);
  const workflowOf = await readWorkflows(place.stateDir, events);
  faults.push(...findFaults({ events, workflowOf, nodeIds, calls, kills, printed }));
  if (ownJournal) faults.push(...(await findDamage(place.stateDir)));
  place.remove();
  return {
    plan,
    runId,
    kills,
    processes: life,
    calls: calls.length,
    faults,
  };
}

/** The events a process printed; a line that the kill cut is none. */
function linesOf(stdout: string): readonly RunEvent[] {
  const lines = stdout.split("\n");
  return lines.slice(0, -1).map((line) => JSON.parse(line) as RunEvent);
}

/** A process that was left in peace ends its run, and says how. */
function checkExit(ended: Ended, events: readonly RunEvent[], life: number): readonly string[] {
  const last = events.at(-1);
  const isEnd = last !== undefined && isTerminalEvent(last);
  const code = last?.type === "run.succeeded" ? 0 : 1;
  if (isEnd && ended.code === code) return [];
  return [`life ${life} ended with ${ended.code ?? ended.signal} after ${last?.type}: ${ended.stderr}`];
}

/** A run that has ended well is not driven again. */
async function checkRefused(stateDir: string, runId: string): Promise<readonly string[]> {
  const { code, stderr } = await startCommand(["resume", runId, "--state-dir", stateDir]).ended;
  if (code === 2 && stderr.includes("RUN_ALREADY_SUCCEEDED")) return [];
  return [`to resume a run that has succeeded was not refused: exit ${code}: ${stderr}`];
}
