// What the crash campaign of containers kills: runs of docker nodes on a real engine.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { busyboxImage } from "../../../src/testing/docker/busybox-image.ts";
import type { DockerPeer } from "../../../src/testing/docker/engine.ts";
import { findProgram } from "../../../src/testing/processes.ts";
import type { Subject } from "../campaign.ts";
import { findDamage } from "../place.ts";
import { drawTrial, type Recipes } from "../plan.ts";
import { prepareClient } from "./aim.ts";
import { POINTS, type Point } from "./points.ts";
import { type ContainerTrialPlan, runTrial } from "./trial.ts";

const RECIPES: Recipes<Point> = {
  making: () => ["making", "making", "running"],
  made: () => ["made", "running", "made"],
  starting: () => ["starting", "recovering", "starting"],
  running: () => ["running", "sweeping", "running", "instant", "running"],
  ended: () => ["ended", "running", "ended"],
  told: () => ["told", "recovering", "told"],
  sweeping: () => ["running", "sweeping", "sweeping"],
  recovering: () => ["running", "recovering", "recovering", "running"],
  removing: () => ["removing", "running", "removing"],
  instant: () => ["instant", "instant", "instant"],
};
/** In these the first container outlives all kills. */
const LONG: readonly Point[] = ["running", "sweeping", "recovering"];

export function createContainerSubject(peer: DockerPeer): Subject<Point, ContainerTrialPlan> {
  const folder = mkdtempSync(join(tmpdir(), "busbar-containers-crash-"));
  const image = busyboxImage(peer);
  const world = { folder, image: image.tag, bin: prepareClient(folder), client: findProgram("docker") ?? "docker" };
  return {
    points: POINTS,
    plan(campaignSeed, index) {
      const { purpose, plan } = drawTrial(RECIPES, campaignSeed, index);
      return { purpose, plan: { ...plan, isLong: LONG.includes(purpose) } };
    },
    run: (plan) => runTrial(world, plan),
    judge: () => findDamage(join(folder, "state")),
    async close() {
      image.remove();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
