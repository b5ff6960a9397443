import { setTimeout as sleep } from "node:timers/promises";
import type { Conducted, Step } from "./conduct.ts";
import { makeMove, type Side } from "./moves.ts";
import type { Trial } from "./trial.ts";

/** How long a cluster may take until it stands where the local runtime stood. */
const PATIENCE_MS = 60_000;
const LOOK_MS = 10;
const LONGEST_LOOK_MS = 100;

/** Does on a cluster what was done on the local runtime, each move when all that came of the one before is there. */
export async function follow(
  side: Side,
  trial: Trial,
  { steps }: Pick<Conducted, "steps">,
  /** How long nothing is done before each move. */
  restMs = 0,
): Promise<void> {
  for (const [index, step] of steps.entries()) {
    if (restMs > 0) await sleep(restMs);
    const where = `step ${index}, ${step.runId} ${JSON.stringify(step.move)}`;
    const answer = await makeMove(side, trial, step.runId, step.move);
    if (answer !== step.answer) throw new Error(`${where}: locally ${step.answer}, on the cluster ${answer}`);
    const differs = await settle(side, step);
    if (differs !== undefined) throw new Error(`${where}: ${differs}`);
  }
}

async function settle({ runtime, stage }: Side, { runId, seq, outstanding }: Step): Promise<string | undefined> {
  const isWanted = outstanding.join(" ");
  const until = performance.now() + PATIENCE_MS;
  for (let waitMs = LOOK_MS; ; waitMs = Math.min(2 * waitMs, LONGEST_LOOK_MS)) {
    const now = stage.outstanding(runId).join(" ");
    if (now === isWanted && (seq === 0 || (await runtime.events(runId, seq - 1, 1)).length > 0)) return undefined;
    if (performance.now() > until) {
      const at = (await runtime.events(runId)).length;
      return `locally event ${seq} and at work ${isWanted}; on the cluster event ${at} and at work ${now}`;
    }
    await sleep(waitMs);
  }
}
