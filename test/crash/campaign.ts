import type { Kill } from "./facts.ts";

/** One run, killed as planned and resumed until it succeeds. */
export interface TrialPlan<Point extends string> {
  readonly seed: number;
  /** Nodes beside one another, and max_parallel > 1. */
  readonly isWide: boolean;
  /** One process each; a process that does not come to its point ends in peace. */
  readonly points: readonly Point[];
}

export interface TrialResult<Point extends string> {
  readonly kills: readonly Kill<Point>[];
  readonly processes: number;
  /** How often a node was really executed, as whoever executed it says. */
  readonly calls: number;
  readonly faults: readonly string[];
}

/** What is killed, and where. */
export interface Subject<Point extends string, Plan extends TrialPlan<Point> = TrialPlan<Point>> {
  readonly points: { readonly [point in Point]: string };
  /** The `index`-th trial of a campaign: which it is follows from the seed, so that it can be made alone again. */
  plan(campaignSeed: number, index: number): { readonly purpose: Point; readonly plan: Plan };
  /** Rejects if the trial could not be judged: a fault as well. */
  run(plan: Plan): Promise<TrialResult<Point>>;
  /** What is wrong with what all trials share, when the last one is over. */
  judge(): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** How many kills are wanted at each point. */
export type Targets<Point extends string> = { readonly [point in Point]: number };

export interface CampaignOptions<Point extends string> {
  readonly seed: number;
  readonly targets: Targets<Point>;
  /** Trials at once: processes that share a journal. */
  readonly lanes: number;
  /** No trial begins later than this. */
  readonly budgetMs: number;
  /** Makes this one trial, and no other. */
  readonly only?: number;
}

export interface Trial<Point extends string> extends TrialResult<Point> {
  readonly plan: TrialPlan<Point>;
}

export interface CampaignResult<Point extends string> {
  readonly trials: readonly Trial<Point>[];
  readonly kills: { readonly [point in Point]: { readonly all: number; readonly inFlight: number } };
  readonly total: number;
  readonly inFlight: number;
  /** Of the trials, how many were wide. */
  readonly wide: number;
  readonly faults: readonly string[];
}

/** Kills runs until every target is met. */
export async function runCampaign<Point extends string, Plan extends TrialPlan<Point>>(
  subject: Subject<Point, Plan>,
  options: CampaignOptions<Point>,
): Promise<CampaignResult<Point>> {
  const { seed, targets } = options;
  const deadline = performance.now() + options.budgetMs;
  const trials: Trial<Point>[] = [];
  const faults: string[] = [];
  let next = 0;
  const reached = (point: Point): number =>
    trials.flatMap((trial) => trial.kills).filter((kill) => kill.point === point).length;
  const isDone = (): boolean => pointsOf(subject).every((point) => reached(point) >= targets[point]);

  async function tryOne(index: number, plan: Plan): Promise<void> {
    const result = await subject.run(plan).catch(failedTrial<Point>);
    trials.push({ plan, ...result });
    faults.push(...result.faults.map((fault) => `trial ${index} (${plan.points.join(", ")}): ${fault}`));
  }

  async function runLane(): Promise<void> {
    while (!isDone() && performance.now() < deadline) {
      const index = next;
      next += 1;
      const { purpose, plan } = subject.plan(seed, index);
      if (reached(purpose) < targets[purpose]) await tryOne(index, plan);
    }
  }

  try {
    if (options.only === undefined) await Promise.all(Array.from({ length: options.lanes }, runLane));
    else await tryOne(options.only, subject.plan(seed, options.only).plan);
    faults.push(...(await subject.judge()));
  } finally {
    await subject.close();
  }
  return summarize(subject, trials, faults, options);
}

/** A trial that could not be judged, because its journal could not be read: a fault as well. */
function failedTrial<Point extends string>(thrown: unknown): TrialResult<Point> {
  const fault = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  return { kills: [], processes: 0, calls: 0, faults: [fault] };
}

function summarize<Point extends string>(
  subject: Pick<Subject<Point>, "points">,
  trials: readonly Trial<Point>[],
  faults: readonly string[],
  { targets, only }: CampaignOptions<Point>,
): CampaignResult<Point> {
  const all = trials.flatMap((trial) => trial.kills);
  const points = pointsOf(subject);
  const countOf = (point: Point) => {
    const kills = all.filter((kill) => kill.point === point);
    return { all: kills.length, inFlight: kills.filter((kill) => kill.inFlight).length };
  };
  const kills = Object.fromEntries(points.map((point) => [point, countOf(point)]));
  const missed = (only === undefined ? points : [])
    .filter((point) => countOf(point).all < targets[point])
    .map(
      (point) => `only ${countOf(point).all} of ${targets[point]} kills ${subject.points[point]}, in the time given`,
    );
  return {
    trials,
    kills: kills as CampaignResult<Point>["kills"],
    total: all.length,
    inFlight: all.filter((kill) => kill.inFlight).length,
    wide: trials.filter((trial) => trial.plan.isWide).length,
    faults: [...faults, ...missed],
  };
}

export function pointsOf<Point extends string>({ points }: Pick<Subject<Point>, "points">): readonly Point[] {
  return Object.keys(points) as Point[];
}
