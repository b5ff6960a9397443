import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { RunEvent } from "../../../src/engine/events.ts";
import { createSeededRandom } from "../../../src/kernel/random.ts";
import type { LogLine } from "../../../src/ports/run-logs.ts";
import { listContainers, removeContainers } from "../../../src/testing/docker/containers.ts";
import { findProcessesWith } from "../../../src/testing/processes.ts";
import type { TrialPlan, TrialResult } from "../campaign.ts";
import { factsOf } from "../facts.ts";
import { startCommand } from "../life.ts";
import { liveThrough, type Next } from "../lives.ts";
import { preparePlace } from "../place.ts";
import { findFaults } from "./checks.ts";
import { runLife } from "./executioner.ts";
import { readExecutions } from "./executions.ts";
import type { Point } from "./points.ts";
import { createScenario } from "./scenario.ts";

export interface ContainerTrialPlan extends TrialPlan<Point> {
  /** The first container outlives all kills. */
  readonly isLong: boolean;
}

export interface World {
  readonly folder: string;
  readonly image: string;
  readonly bin: string;
  readonly client: string;
}

export async function runTrial(world: World, plan: ContainerTrialPlan): Promise<TrialResult<Point>> {
  const random = createSeededRandom(plan.seed ^ 0x5eed);
  // All that use the engine share its labels.
  const runId = `crash-${process.pid}-${plan.seed}`;
  const data = join(world.folder, runId, "data");
  const scenario = createScenario(plan.seed, { ...plan, image: world.image, data });
  const place = preparePlace(world.folder, runId, scenario.text, false);
  mkdirSync(data);
  writeFileSync(join(data, "log"), "");
  const nodeIds = [...scenario.works.keys()];
  const ask = (...words: readonly string[]) => startCommand([...words, "--state-dir", place.stateDir]).ended;

  const live = (next: Next<Point>) => {
    const facts = nodeIds.map((id) => factsOf(next.events, id));
    const unsettled = facts.filter(({ isSettled }) => !isSettled).length;
    const outstanding = facts.filter((one) => one.outstanding).length;
    return runLife({ ...next, ...world, random, place, data, runId, unsettled, outstanding });
  };
  async function readLines<Line>(...words: readonly string[]): Promise<readonly Line[]> {
    const { code, stdout, stderr } = await ask(...words, runId, "--json");
    // A process that was killed early enough leaves no run, or not even a journal.
    if (code === 2) return [];
    if (code !== 0) throw new Error(`busbar ${words.join(" ")} exits with ${code}: ${stderr}`);
    return stdout
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Line);
  }

  async function runNext(): Promise<void> {
    const file = join(world.folder, runId, "next.json");
    const node = { executor: "docker", docker: { image: world.image, args: ["true"], volumes: [], network: "none" } };
    writeFileSync(file, JSON.stringify({ workflow_name: "next", start_node: "next", containers: { next: node } }));
    const { code, stderr } = await ask("run", file, "--run-id", `${runId}-next`);
    if (code !== 0) throw new Error(`the next run exits with ${code}: ${stderr}`);
  }

  try {
    const lived = await liveThrough(plan.points, live, () => readLines<RunEvent>("events"));
    await untilAlone(runId);
    // A run that is over is not resumed: what it left goes when the next one begins.
    if (lived.kills.at(-1)?.events.at(-1)?.type === "run.succeeded") await runNext();
    const left = listContainers(`busbar.run=${runId}`).map(({ name, status }) => `${name}, ${status}`);
    const log = await readLines<LogLine>("logs", "--attempt", "all");
    const executions = readExecutions(data);
    const faults = [...lived.faults, ...findFaults({ ...lived, works: scenario.works, executions, log, left })];
    return { kills: lived.kills, processes: lived.processes, calls: executions.length, faults };
  } finally {
    // Nothing stays at the engine, also of a run that went wrong.
    removeContainers(listContainers(`busbar.run=${runId}`).map(({ id }) => id));
    place.remove();
  }
}

const ALONE_WITHIN_MS = 30_000;

/** Clients that outlived their Busbar have come to their end. */
async function untilAlone(runId: string): Promise<void> {
  const until = performance.now() + ALONE_WITHIN_MS;
  while (findProcessesWith(`AIM_RUN=${runId}`).length > 0) {
    if (performance.now() > until) throw new Error(`clients of ${runId} are still at work`);
    await setTimeout(50);
  }
}
