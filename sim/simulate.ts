import { act } from "./act.ts";
import { finish } from "./finish.ts";
import type { Plan } from "./plan.ts";
import { createSite } from "./site.ts";
import type { Failure } from "./world.ts";

export interface Result {
  /** The first; what follows from it is not looked at. */
  readonly failure: Failure | undefined;
  /** Of the whole trace: the same plan gives the same. */
  readonly hash: number;
  readonly steps: number;
  /** Virtual. */
  readonly endedMs: number;
  readonly trace: readonly string[];
}

/** Does what the plan says and then lets everything come to rest. One at a time: stray rejections are nobody else's. */
export async function simulate(plan: Plan, keepTrace = false): Promise<Result> {
  const site = createSite(plan, keepTrace);
  const { world } = site;
  const stray = (reason: unknown): void => world.fail("stray", `nobody hears of a rejection: ${String(reason)}`);
  process.on("unhandledRejection", stray);
  try {
    for (let owner = 0; owner < plan.owners; owner += 1) site.open(owner);
    for (const action of plan.actions) world.after(action.atMs, undefined, () => act(site, action));
    const lastMs = plan.actions.at(-1)?.atMs ?? 0;
    while (world.failures.length === 0 && world.nowMs <= lastMs && (await world.step()));
    if (world.failures.length === 0) await finish(site);
  } catch (thrown) {
    world.fail("thrown", thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown));
  } finally {
    process.off("unhandledRejection", stray);
  }
  return {
    failure: world.failures[0],
    hash: world.hash,
    steps: world.steps,
    endedMs: world.nowMs,
    trace: world.trace,
  };
}
