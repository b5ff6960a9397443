// Kills runs of random workflows with SIGKILL, again and again, and holds what is left against the promises
// (E1-E8). Prints the kills per point and closes with one line that counts passed, failed and skipped trials.
// Usage: npm run campaign:crash [-- --seed N] [--only TRIAL] [--minutes N] [--lanes N]
import { parseArgs } from "node:util";
import { type CampaignResult, runCampaign } from "../test/crash/campaign.ts";
import type { Targets } from "../test/crash/plan.ts";
import { POINTS, type Point } from "../test/crash/points.ts";

/** Kills at each point: at least 15 are asked of the named ones, at least 200 in all. */
const TARGETS: Targets = {
  created: 16,
  started: 16,
  sent: 100,
  received: 20,
  committed: 16,
  ending: 16,
  ended: 16,
  takeover: 20,
  checkpoint: 16,
  instant: 60,
};
const MIN_KILLS = 200;

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: String(Date.now() % 2 ** 31) },
    only: { type: "string" },
    minutes: { type: "string", default: "8" },
    lanes: { type: "string", default: "2" },
  },
});
const seed = Number(values.seed);
process.stdout.write(`crash campaign, seed ${seed} (again: npm run campaign:crash -- --seed ${seed})\n`);

const started = performance.now();
const result = await runCampaign({
  seed,
  targets: TARGETS,
  lanes: Number(values.lanes),
  budgetMs: Number(values.minutes) * 60_000,
  ...(values.only === undefined ? {} : { only: Number(values.only) }),
});
const faults = [...result.faults, ...(values.only === undefined ? judgeWhole(result) : [])];
report(result);
for (const fault of faults) process.stdout.write(`FAILED ${fault}\n`);
if (faults.length > 0) process.stdout.write(`one trial again: npm run campaign:crash -- --seed ${seed} --only TRIAL\n`);
const failed = result.trials.filter((trial) => trial.faults.length > 0).length;
// What the campaign as a whole owes counts as one more.
const whole = faults.length > 0 && failed === 0 ? 1 : 0;
process.stdout.write(`${result.trials.length - failed} passed, ${failed + whole} failed, 0 skipped\n`);
process.exitCode = faults.length > 0 ? 1 : 0;

function judgeWhole({ total, inFlight, wide, trials }: CampaignResult): string[] {
  const faults: string[] = [];
  if (total < MIN_KILLS) faults.push(`${total} kills, ${MIN_KILLS} are asked`);
  if (inFlight * 2 < total)
    faults.push(`${inFlight} of ${total} kills fell while a call was in flight, half are asked`);
  if (Math.abs(wide * 2 - trials.length) > trials.length / 4)
    faults.push(`${wide} of ${trials.length} trials were wide`);
  return faults;
}

function report({ kills, total, inFlight, wide, trials }: CampaignResult): void {
  const sum = (of: (trial: CampaignResult["trials"][number]) => number): number =>
    trials.reduce((all, trial) => all + of(trial), 0);
  const rows = (Object.keys(POINTS) as Point[]).map((point) => [point, kills[point], POINTS[point]] as const);
  const lines = [
    "kills  in flight  point",
    ...rows.map(([, { all, inFlight }, about]) => `${pad(all, 5)}  ${pad(inFlight, 9)}  ${about}`),
    `${pad(total, 5)}  ${pad(inFlight, 9)}  in all: ${Math.round((inFlight / total) * 100)}% in flight`,
    `${trials.length} runs (${wide} of them wide: fan-out and max_parallel > 1), ${sum((t) => t.processes)} processes, ` +
      `${sum((t) => t.calls)} calls, ${sum((t) => t.kills.filter((k) => k.isOnCommand).length)} kills of the shipped command`,
    `${Math.round((performance.now() - started) / 1000)} s, seed ${seed}`,
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}

function pad(value: number, width: number): string {
  return String(value).padStart(width);
}
