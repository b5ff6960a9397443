import { isTerminalRun } from "../../../src/engine/status.ts";
import { createSeededRandom } from "../../../src/kernel/random.ts";
import { createRig, type Rig } from "../../../src/testing/runtime-rig.ts";
import { type Move, makeMove, type Side } from "./moves.ts";
import { createStage } from "./stage.ts";
import { below, runIdOf, type Trial } from "./trial.ts";

/** A move, and all that came of it before the next one. */
export interface Step {
  readonly runId: string;
  readonly move: Move;
  /** What whoever made it was told. */
  readonly answer: string;
  /** Where the run stood then: its last event, and `node/attempt` of what had not ended. */
  readonly seq: number;
  readonly outstanding: readonly string[];
}

/** What was done on the local runtime, and where. */
export interface Conducted {
  readonly side: Side;
  readonly steps: readonly Step[];
  readonly runIds: readonly string[];
}

/** Far more than a trial takes. */
const MOST_STEPS = 400;
/** How often a run is resumed or repeated. */
const MOST_GOINGS_ON = 3;

/** Plays a trial on the local runtime, and decides there what is done: to what is under way, at moments of its choice. */
export async function conduct(trial: Trial): Promise<Conducted> {
  const stage = createStage();
  stage.add(trial);
  const rig = createRig(stage.executor);
  const side = { runtime: rig.runtime, stage };
  const random = createSeededRandom(trial.seed ^ 0x5bd1e995);
  const chance = (part: number): boolean => random.next() < part;
  const pick = <T>(values: readonly T[]): T | undefined => values[below(random, values.length)];
  const steps: Step[] = [];
  let goingsOn = 0;
  let runId = runIdOf(trial.seed, 1);
  const runIds = [runId];

  async function take(move: Move): Promise<void> {
    const answer = await rig.until(makeMove(side, trial, runId, move));
    await settle(rig, side, runId);
    const seq = (await readEvents(side, runId)).length;
    steps.push({ runId, move, answer, seq, outstanding: stage.outstanding(runId) });
  }

  /** A run that has ended is resumed or repeated a few times. @returns whether anything was done */
  async function goOn(status: string): Promise<boolean> {
    goingsOn += 1;
    if (goingsOn > MOST_GOINGS_ON || chance(0.1)) return false;
    if (chance(status === "succeeded" ? 0.1 : 0.6)) {
      await take({ do: "resume", isChanged: chance(0.4) });
      return true;
    }
    const from = chance(0.8) ? { from: [pick(trial.workflow.graph.ids) ?? ""] } : {};
    const of = runId;
    runId = runIdOf(trial.seed, runIds.length + 1);
    await take({ do: "rerun", of, ...from, isChanged: chance(0.3) });
    if ((await find(side, runId)) === undefined) runId = of;
    else runIds.push(runId);
    return true;
  }

  function disturb(isPaused: boolean): Move {
    const key = `asked-${steps.length}`;
    const kind = below(random, 10);
    if (kind < 1) return { do: "cancel", key };
    if (kind < 7) return { do: isPaused ? "unpause" : "pause", key };
    if (kind < 9) return { do: isPaused ? "pause" : "unpause", key };
    return { do: "resume", isChanged: chance(0.5) };
  }

  await take({ do: "start" });
  while (steps.length < MOST_STEPS) {
    const view = await side.runtime.get(runId);
    if (isTerminalRun(view.status)) {
      if (await goOn(view.status)) continue;
      return { side, steps, runIds };
    }
    const place = pick(stage.outstanding(runId));
    if (place === undefined) await take({ do: view.paused ? "unpause" : "cancel", key: `asked-${steps.length}` });
    else await take(chance(0.15) ? disturb(view.paused) : { do: "end", place });
  }
  throw new Error(`trial ${trial.seed} does not end`);
}

async function find({ runtime }: Side, runId: string) {
  return runtime.get(runId).catch(() => undefined);
}

async function readEvents({ runtime }: Side, runId: string) {
  return runtime.events(runId).catch(() => []);
}

/** Until nothing happens any more, retries that come at once included. */
async function settle(rig: Rig, side: Side, runId: string): Promise<void> {
  for (let quiet = 0, last = ""; quiet < 3; ) {
    await rig.step(10);
    const now = `${(await readEvents(side, runId)).length} ${side.stage.outstanding(runId).join(" ")}`;
    quiet = now === last ? quiet + 1 : 0;
    last = now;
  }
}
