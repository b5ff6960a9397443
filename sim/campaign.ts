import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { FailedSeed, LaneOrder, LaneReport } from "./lane.ts";

export interface CampaignOptions {
  /** Of the tree whose `sim/` runs. */
  readonly root: string;
  readonly from: number;
  readonly seeds: number;
  /** Processes side by side. */
  readonly lanes: number;
  /** Told after each piece of work; true ends the campaign. */
  readonly onReport?: (report: LaneReport) => boolean | Promise<boolean>;
}

export interface CampaignResult {
  readonly seeds: number;
  readonly steps: number;
  /** Ascending. */
  readonly failures: readonly FailedSeed[];
}

/** Seeds of one order: short enough to show progress, long enough to cost nothing. */
const PIECE = 250;
/** A piece takes about a second; one that takes so long never ends. */
const STUCK_MS = 120_000;
const STUCK = "stuck";

/** Simulates seeds in processes of their own. */
export async function runCampaign(options: CampaignOptions): Promise<CampaignResult> {
  const { root, from, seeds, lanes, onReport } = options;
  const failures: FailedSeed[] = [];
  let done = 0;
  let steps = 0;
  let next = from;
  let isOver = false;

  async function runLane(): Promise<void> {
    const lane = fork(join(root, "sim", "lane.ts"), { cwd: root, stdio: ["ignore", "inherit", "inherit", "ipc"] });
    try {
      while (!isOver && next < from + seeds) {
        const order = { from: next, count: Math.min(PIECE, from + seeds - next) };
        next += order.count;
        const report = await ask(lane, order);
        done += order.count;
        steps += report.steps;
        failures.push(...report.failures);
        if (await onReport?.(report)) isOver = true;
        // Whatever is left of the process cannot be asked again.
        if (report.failures.some(({ kind }) => kind === STUCK)) isOver = true;
      }
    } finally {
      lane.kill("SIGKILL");
    }
  }

  await Promise.all(Array.from({ length: lanes }, runLane));
  return { seeds: done, steps, failures: failures.toSorted((a, b) => a.seed - b.seed) };
}

async function ask(lane: ChildProcess, order: LaneOrder): Promise<LaneReport> {
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(), STUCK_MS);
  try {
    lane.send(order);
    const { signal } = timeout;
    const [report] = await Promise.race([
      once(lane, "message", { signal }) as Promise<[LaneReport]>,
      once(lane, "exit", { signal }).then(([code]): never => {
        throw new Error(`the process ended with ${code}`);
      }),
    ]);
    return report;
  } catch (thrown) {
    const why = timeout.signal.aborted ? `nothing is heard for ${STUCK_MS / 1000} s` : String(thrown);
    const message = `seeds ${order.from} to ${order.from + order.count - 1}: ${why}`;
    return { ...order, steps: 0, failures: [{ seed: order.from, kind: STUCK, message }] };
  } finally {
    clearTimeout(timer);
    timeout.abort();
  }
}
