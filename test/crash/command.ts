// What the scripts of crash campaigns share: their options, their table and their verdict.
import { parseArgs } from "node:util";
import { type CampaignResult, pointsOf, runCampaign, type Subject, type Targets, type TrialPlan } from "./campaign.ts";

export interface CampaignCommand<Point extends string, Plan extends TrialPlan<Point>> {
  /** As in `npm run NAME`. */
  readonly name: string;
  readonly subject: Subject<Point, Plan>;
  /** Kills at each point; `--kills` scales them. */
  readonly targets: Targets<Point>;
  /** Asked in all, if the targets are not scaled. */
  readonly minKills: number;
  /** How many of the kills, of 1, are to fall while something is at work. */
  readonly minInFlight: number;
  readonly minutes: number;
  /** What a call is called in the last lines: calls, containers. */
  readonly calls: string;
}

/**
 * Kills runs until the targets are met, prints the kills per point, and closes with one line that counts passed,
 * failed and skipped trials. Options: --seed N, --only TRIAL, --kills N, --minutes N, --lanes N.
 */
export async function runCampaignCommand<Point extends string, Plan extends TrialPlan<Point>>(
  command: CampaignCommand<Point, Plan>,
): Promise<void> {
  const { name, subject } = command;
  const { values } = parseArgs({
    options: {
      seed: { type: "string", default: String(Date.now() % 2 ** 31) },
      only: { type: "string" },
      kills: { type: "string", default: String(command.minKills) },
      minutes: { type: "string", default: String(command.minutes) },
      lanes: { type: "string", default: "2" },
    },
  });
  const seed = Number(values.seed);
  const kills = Number(values.kills);
  const again = `npm run ${name} -- --seed ${seed}`;
  process.stdout.write(`${name}, seed ${seed} (again: ${again})\n`);

  const started = performance.now();
  const result = await runCampaign(subject, {
    seed,
    targets: scale(command.targets, kills / command.minKills),
    lanes: Number(values.lanes),
    budgetMs: Number(values.minutes) * 60_000,
    ...(values.only === undefined ? {} : { only: Number(values.only) }),
  });
  const faults = [...result.faults, ...(values.only === undefined ? judgeWhole(result, kills, command) : [])];
  report(command, result);
  process.stdout.write(`${Math.round((performance.now() - started) / 1000)} s, seed ${seed}\n`);
  for (const fault of faults) process.stdout.write(`FAILED ${fault}\n`);
  if (faults.length > 0) process.stdout.write(`one trial again: ${again} --only TRIAL\n`);
  const failed = result.trials.filter((trial) => trial.faults.length > 0).length;
  // What the campaign as a whole owes counts as one more.
  const whole = faults.length > 0 && failed === 0 ? 1 : 0;
  process.stdout.write(`${result.trials.length - failed} passed, ${failed + whole} failed, 0 skipped\n`);
  process.exitCode = faults.length > 0 ? 1 : 0;
}

function scale<Point extends string>(targets: Targets<Point>, factor: number): Targets<Point> {
  const scaled = Object.entries<number>(targets).map(([point, kills]) => [point, Math.ceil(kills * factor)]);
  return Object.fromEntries(scaled) as Targets<Point>;
}

function judgeWhole<Point extends string>(
  { total, inFlight, wide, trials }: CampaignResult<Point>,
  minKills: number,
  { minInFlight, calls }: { readonly minInFlight: number; readonly calls: string },
): string[] {
  const faults: string[] = [];
  if (total < minKills) faults.push(`${total} kills, ${minKills} are asked`);
  if (inFlight < total * minInFlight) {
    faults.push(`${inFlight} of ${total} kills fell while ${calls} were in flight, ${minInFlight * 100}% are asked`);
  }
  if (Math.abs(wide * 2 - trials.length) > trials.length / 4)
    faults.push(`${wide} of ${trials.length} trials were wide`);
  return faults;
}

function report<Point extends string, Plan extends TrialPlan<Point>>(
  { subject, calls }: Pick<CampaignCommand<Point, Plan>, "subject" | "calls">,
  { kills, total, inFlight, wide, trials }: CampaignResult<Point>,
): void {
  const sum = (of: (trial: (typeof trials)[number]) => number): number =>
    trials.reduce((all, trial) => all + of(trial), 0);
  const lines = [
    "kills  in flight  point",
    ...pointsOf(subject).map((point) => row(kills[point], subject.points[point])),
    row({ all: total, inFlight }, `in all: ${Math.round((inFlight / total) * 100)}% in flight`),
    `${trials.length} runs (${wide} of them wide: fan-out and max_parallel > 1), ${sum((t) => t.processes)} processes, ` +
      `${sum((t) => t.calls)} ${calls}, ${sum((t) => t.kills.filter((k) => k.isOnCommand).length)} kills of the shipped command`,
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}

function row({ all, inFlight }: { readonly all: number; readonly inFlight: number }, about: string): string {
  return `${String(all).padStart(5)}  ${String(inFlight).padStart(9)}  ${about}`;
}
