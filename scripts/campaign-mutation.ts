// Changes the engine in small ways (StrykerJS) and looks which changes its tests do not notice. Those must be listed
// with a reason in test/mutation/survivors.json, and everything listed there must survive.
// Usage: npm run campaign:mutation [-- [--full] [--seed N] [--minutes N]]   (default: a sample, within 5 minutes)
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createSeededRandom } from "../src/kernel/random.ts";
import { dealBatches, type Mutant, placeOf, readMutants } from "../test/mutation/mutants.ts";
import { judgeSurvivors, type Outcome, readSurvivors } from "../test/mutation/survivors.ts";
import { startTester } from "../test/mutation/tester.ts";

/** Each batch costs about two seconds beside its mutants: a copy of the project and a run without any mutant. */
const BATCH = 60;
/** How far the last batch may go beyond the budget before it is cut off. */
const GRACE_MS = 25_000;
/** Mutants between two lines that say how far it has come. */
const PROGRESS = 200;

/** Any other status says nothing of the tests: the mutant could not be tried. */
const OUTCOMES: { readonly [status: string]: Outcome | undefined } = {
  Killed: "killed",
  Survived: "survived",
  Timeout: "hung",
};

const root = fileURLToPath(new URL("../", import.meta.url));
const { values } = parseArgs({
  options: {
    full: { type: "boolean", default: false },
    seed: { type: "string", default: String(Date.now() % 2 ** 31) },
    minutes: { type: "string" },
  },
});
const seed = Number(values.seed);
const budgetMs = Number(values.minutes ?? (values.full ? 60 : 4.5)) * 60_000;
process.chdir(root);
process.env.NODE_COMPILE_CACHE ??= `${root}node_modules/.cache/compile`;
const began = performance.now();
const elapsedMs = (): number => performance.now() - began;
const seconds = (): number => Math.round(elapsedMs() / 1000);

const tester = startTester(root);
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void tester.close());
let isCutOff = false;
const watchdog = setTimeout(() => {
  isCutOff = true;
  void tester.close();
}, budgetMs + GRACE_MS);
const outcomes = new Map<Mutant, Outcome>();
try {
  const mutants = readMutants(await tester.discover());
  const again = `npm run campaign:mutation -- --seed ${seed}`;
  process.stdout.write(
    `mutation campaign, ${mutants.size} mutants, seed ${seed}${values.full ? "" : ` (again: ${again})`}\n`,
  );
  const batches = dealBatches(
    mutants.values(),
    values.full ? Number.POSITIVE_INFINITY : BATCH,
    createSeededRandom(seed),
  );
  let longestMs = 0;
  for (const batch of batches) {
    if (!values.full && outcomes.size > 0 && elapsedMs() + longestMs * 1.5 > budgetMs) break;
    const startedMs = elapsedMs();
    try {
      await tester.tryAll(batch, (file, result) => {
        const mutant = mutants.get(placeOf(file, result));
        const outcome = OUTCOMES[result.status];
        if (mutant === undefined || outcome === undefined) return;
        outcomes.set(mutant, outcome);
        if (outcomes.size % PROGRESS === 0) process.stdout.write(`${outcomes.size} tried, ${seconds()} s\n`);
      });
    } catch (thrown) {
      // A sample is what there was time for.
      if (isCutOff && !values.full) break;
      throw thrown;
    }
    longestMs = Math.max(longestMs, elapsedMs() - startedMs);
    const missing = batch.filter((mutant) => !outcomes.has(mutant)).length;
    if (missing > 0) throw new Error(`${missing} mutants could not be tried`);
  }
  report(judgeSurvivors(readSurvivors(), mutants.values(), outcomes), mutants.size);
} finally {
  clearTimeout(watchdog);
  await tester.close();
}

function report(faults: readonly string[], all: number): void {
  const count = (outcome: Outcome): number => [...outcomes.values()].filter((one) => one === outcome).length;
  for (const fault of faults) process.stdout.write(`FAILED ${fault}\n`);
  process.stdout.write(
    `${outcomes.size} of ${all} mutants tried: ${count("killed")} killed, ${count("hung")} hung, ${count("survived")} survived; ${seconds()} s\n`,
  );
  process.stdout.write(`${Math.max(outcomes.size - faults.length, 0)} passed, ${faults.length} failed, 0 skipped\n`);
  if (faults.length > 0 || outcomes.size === 0) process.exitCode = 1;
}
