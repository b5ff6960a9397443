// Simulates owners, runs and their faults in virtual time, one seed after the other, and holds what happens
// against the promises (E1-E8). A seed that fails is shrunk and printed with the command that replays it.
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { runCampaign } from "../sim/campaign.ts";
import { describePlan } from "../sim/describe.ts";
import { makePlan } from "../sim/generate.ts";
import { keep } from "../sim/kept.ts";
import type { FailedSeed } from "../sim/lane.ts";
import { tryMutants } from "../sim/mutate.ts";
import { failsBy, shrink } from "../sim/shrink.ts";
import { simulate } from "../sim/simulate.ts";

const USAGE = `Usage: npm run campaign:sim [-- OPTIONS]
  --seeds N       how many seeds (default 10000)
  --from S        the first (default 1)
  --lanes N       processes side by side (default: one a core, at most 4)
  --seed S        replays one: its plan, its trace, and if it fails the smallest plan that fails alike
  --keep TEXT     with --seed: keeps that smallest plan in sim/kept.json; TEXT says what it found
  --mutants       plants one fault after the other; each must be found within --seeds
  --only NAME     with --mutants: those whose name contains it
`;
const root = fileURLToPath(new URL("..", import.meta.url));

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "10000" },
    from: { type: "string", default: "1" },
    lanes: { type: "string", default: String(Math.min(4, availableParallelism())) },
    seed: { type: "string" },
    keep: { type: "string" },
    mutants: { type: "boolean", default: false },
    only: { type: "string", default: "" },
    help: { type: "boolean", default: false },
  },
});
const span = { from: Number(values.from), seeds: Number(values.seeds), lanes: Number(values.lanes) };

if (values.help) print(USAGE);
else if (values.mutants) conclude(await tryMutants({ root, ...span, only: values.only, print }));
else if (values.seed !== undefined) conclude(await replay(Number(values.seed)));
else conclude(await campaign());

async function campaign(): Promise<Counts> {
  print(`simulation, seeds ${span.from} to ${span.from + span.seeds - 1}\n`);
  const began = performance.now();
  let done = 0;
  let failed = 0;
  const { seeds, steps, failures } = await runCampaign({
    root,
    ...span,
    onReport(report) {
      const tenth = Math.floor((10 * done) / span.seeds);
      done += report.count;
      failed += report.failures.length;
      if (Math.floor((10 * done) / span.seeds) > tenth) print(`${done} seeds, ${failed} failed, ${since(began)} s\n`);
      return false;
    },
  });
  for (const [kind, found] of Map.groupBy(failures, (failure) => failure.kind)) await explain(kind, found);
  print(`${steps} steps in ${since(began)} s\n`);
  return { passed: seeds - failures.length, failed: failures.length };
}

/** The first of the seeds that fail alike, shrunk. */
async function explain(kind: string, found: readonly FailedSeed[]): Promise<void> {
  const first = found[0];
  if (first === undefined) return;
  print(
    `\nFAILED ${kind}: ${found.length} seeds: ${found
      .slice(0, 10)
      .map((one) => one.seed)
      .join(" ")}\n`,
  );
  print(`${first.message}\n`);
  if (kind === "stuck") return;
  print(`seed ${first.seed}, shrunk:\n${describePlan(await shrink(makePlan(first.seed), failsBy(kind))).join("\n")}\n`);
  print(`again: npm run campaign:sim -- --seed ${first.seed}\n`);
}

async function replay(seed: number): Promise<Counts> {
  const plan = makePlan(seed);
  const { failure, hash, trace } = await simulate(plan, true);
  print(`${[`seed ${seed}`, ...describePlan(plan), "", ...trace, `trace ${hash.toString(16)}`].join("\n")}\n`);
  if (failure === undefined) return { passed: 1, failed: 0 };
  const smallest = await shrink(plan, failsBy(failure.kind));
  const again = await simulate(smallest, true);
  print(`\nshrunk:\n${[...describePlan(smallest), "", ...again.trace].join("\n")}\n`);
  if (values.keep !== undefined) keep({ found: values.keep, seed, plan: smallest });
  return { passed: 0, failed: 1 };
}

interface Counts {
  readonly passed: number;
  readonly failed: number;
}

function conclude({ passed, failed }: Counts): void {
  print(`${passed} passed, ${failed} failed, 0 skipped\n`);
  if (failed > 0) process.exitCode = 1;
}

function since(began: number): number {
  return Math.round((performance.now() - began) / 1000);
}

function print(text: string): void {
  process.stdout.write(text);
}
