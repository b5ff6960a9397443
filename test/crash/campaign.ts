import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startCountingService } from "./counting-service.ts";
import { findDamage } from "./place.ts";
import { planTrial, type Targets } from "./plan.ts";
import { POINTS, type Point } from "./points.ts";
import { runTrial, type TrialPlan, type TrialResult } from "./trial.ts";

export interface CampaignOptions {
  readonly seed: number;
  readonly targets: Targets;
  /** Trials at once: processes that share a journal. */
  readonly lanes: number;
  /** No trial begins later than this. */
  readonly budgetMs: number;
  /** Makes this one trial, and no other. */
  readonly only?: number;
}

export interface CampaignResult {
  readonly trials: readonly TrialResult[];
  readonly kills: { readonly [point in Point]: { readonly all: number; readonly inFlight: number } };
  readonly total: number;
  readonly inFlight: number;
  /** Of the trials, how many were wide. */
  readonly wide: number;
  readonly faults: readonly string[];
}

/** Kills runs until every target is met. */
export async function runCampaign(options: CampaignOptions): Promise<CampaignResult> {
  const folder = mkdtempSync(join(tmpdir(), "busbar-crash-"));
  const service = await startCountingService();
  const deadline = performance.now() + options.budgetMs;
  const trials: TrialResult[] = [];
  const faults: string[] = [];
  let next = 0;
  const reached = (point: Point): number =>
    trials.flatMap((trial) => trial.kills).filter((kill) => kill.point === point).length;
  const isDone = (): boolean =>
    Object.keys(POINTS).every((point) => reached(point as Point) >= options.targets[point as Point]);

  async function tryOne(index: number, plan: TrialPlan): Promise<void> {
    const result = await runTrial({ folder, service }, plan).catch((thrown: unknown) => failedTrial(plan, thrown));
    trials.push(result);
    faults.push(...result.faults.map((fault) => `trial ${index} (${plan.points.join(", ")}): ${fault}`));
  }

  async function runLane(): Promise<void> {
    while (!isDone() && performance.now() < deadline) {
      const index = next;
      next += 1;
      const { purpose, plan } = planTrial(options.seed, index);
      if (reached(purpose) < options.targets[purpose]) await tryOne(index, plan);
    }
  }

  try {
    if (options.only === undefined) await Promise.all(Array.from({ length: options.lanes }, runLane));
    else await tryOne(options.only, planTrial(options.seed, options.only).plan);
    faults.push(...(await findDamage(join(folder, "state"))));
  } finally {
    await service.close();
    rmSync(folder, { recursive: true, force: true });
  }
  return summarize(trials, faults, options);
}

/** A trial that could not be judged, because its journal could not be read: a fault as well. */
function failedTrial(plan: TrialPlan, thrown: unknown): TrialResult {
  const fault = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  return { plan, runId: "", kills: [], processes: 0, calls: 0, faults: [fault] };
}

function summarize(
  trials: readonly TrialResult[],
  faults: readonly string[],
  options: CampaignOptions,
): CampaignResult {
  const { targets } = options;
  const all = trials.flatMap((trial) => trial.kills);
  const countOf = (point: Point) => {
    const kills = all.filter((kill) => kill.point === point);
    return { all: kills.length, inFlight: kills.filter((kill) => kill.inFlight).length };
  };
  const kills = Object.fromEntries((Object.keys(POINTS) as Point[]).map((point) => [point, countOf(point)]));
  const missed =
    options.only !== undefined
      ? []
      : (Object.keys(POINTS) as Point[])
          .filter((point) => countOf(point).all < targets[point])
          .map((point) => `only ${countOf(point).all} of ${targets[point]} kills ${POINTS[point]}, in the time given`);
  return {
    trials,
    kills: kills as CampaignResult["kills"],
    total: all.length,
    inFlight: all.filter((kill) => kill.inFlight).length,
    wide: trials.filter((trial) => trial.plan.isWide).length,
    faults: [...faults, ...missed],
  };
}
