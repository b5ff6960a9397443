// What the crash campaign kills: runs whose nodes are calls of a gRPC service, and prunes beside them.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Subject, TrialPlan } from "./campaign.ts";
import { startCountingService } from "./counting-service.ts";
import { findDamage } from "./place.ts";
import { drawTrial, type Recipes } from "./plan.ts";
import { isOfPrune, POINTS, type Point, type PrunePoint, type RunPoint } from "./points.ts";
import { runPruneTrial } from "./prune-trial.ts";
import { between } from "./scenario.ts";
import { type CallTrialPlan, runTrial } from "./trial.ts";

type Plan = CallTrialPlan<Point>;

const RECIPES: Recipes<Point> = {
  created: () => ["created", "sent", "instant"],
  reused: (random) => ["reused", random.next() < 0.5 ? "reused" : "sent", "received"],
  started: () => ["started", "sent", "started"],
  sent: () => ["sent", "sent", "sent"],
  received: () => ["received", "sent", "received"],
  committed: () => ["committed", "sent", "committed"],
  ending: () => ["sent", "ending"],
  ended: () => ["sent", "ended"],
  takeover: (random) => [random.next() < 0.5 ? "sent" : "received", "takeover", "takeover", "instant"],
  pausing: (random) => ["pausing", random.next() < 0.5 ? "pausing" : "sent", "takeover"],
  asked: () => ["asked", "asked", "instant"],
  checkpoint: () => ["checkpoint", "checkpoint", "sent"],
  instant: () => ["instant", "instant", "instant"],
  deleting: () => ["deleting", "deleting", "pruning"],
  sweeping: () => ["sweeping", "deleting", "sweeping"],
  givingBack: () => ["givingBack", "sweeping", "givingBack"],
  pruning: () => ["pruning", "givingBack", "pruning"],
};

export async function createCallSubject(): Promise<Subject<Point, Plan>> {
  const folder = mkdtempSync(join(tmpdir(), "busbar-crash-"));
  const service = await startCountingService();
  return {
    points: POINTS,
    plan(campaignSeed, index) {
      const { purpose, plan, random } = drawTrial(RECIPES, campaignSeed, index);
      return { purpose, plan: { ...plan, mayFail: between(random, 1, 6) === 1 } };
    },
    run: (plan) =>
      isPruning(plan)
        ? runPruneTrial({ folder, service }, plan)
        : runTrial({ folder, service }, plan as CallTrialPlan<RunPoint>),
    judge: () => findDamage(join(folder, "state")),
    async close() {
      await service.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function isPruning(plan: TrialPlan<Point>): plan is TrialPlan<PrunePoint> {
  return plan.points.every(isOfPrune);
}
