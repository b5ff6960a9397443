// Measures Busbar against its floors and peers, and says where it stands (docs/reference/performance.md).
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createSeededRandom } from "../src/kernel/random.ts";
import { describeMachine } from "./harness/machine.ts";
import type { Part } from "./harness/part.ts";
import { describeResult, renderTable } from "./harness/report.ts";
import { isFailure, type Result, verdictOf } from "./harness/result.ts";
import { clusterPart } from "./parts/cluster.ts";
import { coldStartPart } from "./parts/cold-start.ts";
import { dashboardPart } from "./parts/dashboard.ts";
import { delayPart } from "./parts/delay.ts";
import { driverPart } from "./parts/driver.ts";
import { instantPart } from "./parts/instant.ts";
import { listsPart } from "./parts/lists.ts";
import { maskingPart } from "./parts/masking.ts";
import { oneShotPart } from "./parts/one-shot.ts";
import { readersPart } from "./parts/readers.ts";
import { scalePart } from "./parts/scale.ts";
import { servePart } from "./parts/serve.ts";
import { servicesPart } from "./parts/services.ts";
import { warmPart } from "./parts/warm.ts";
import { watchersPart } from "./parts/watchers.ts";

const PARTS: readonly Part[] = [
  oneShotPart,
  coldStartPart,
  warmPart,
  watchersPart,
  readersPart,
  driverPart,
  delayPart,
  instantPart,
  scalePart,
  servicesPart,
  maskingPart,
  listsPart,
  servePart,
  dashboardPart,
  clusterPart,
];

const USAGE = `Usage: npm run bench -- [--short | --full] [--json] [--rounds N] [--seed N] [PART]…

Says "met" or "not met" of the medians as they are; exits 1 where an asked figure is missed by more than a quarter. Parts:
${PARTS.map((part) => `  ${part.name.padEnd(12)} ${part.about}\n`).join("")}`;

const { values, positionals } = parseArgs({
  options: {
    short: { type: "boolean", default: false },
    full: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
    rounds: { type: "string" },
    seed: { type: "string" },
  },
  allowPositionals: true,
});
const { short, full } = values;
const rounds = Number(values.rounds ?? (short ? 15 : 25));
const seed = Number(values.seed ?? Date.now() % 2 ** 32);
const unknown = positionals.some((name) => PARTS.every((part) => part.name !== name));
if (values.help || unknown || !Number.isSafeInteger(seed) || !(rounds >= 1)) {
  process.stderr.write(USAGE);
  process.exit(values.help ? 0 : 2);
}

const say = (line: string): void => {
  process.stderr.write(`${line}\n`);
};
const results: Result[] = [];
const skipped: { readonly part: string; readonly why: string }[] = [];
const broken: { readonly part: string; readonly why: string }[] = [];

/** A part that fails is measured once more, with twice the rounds: a neighbour's burst is no regression. The second counts. */
async function measure(part: Part): Promise<void> {
  say(`\n${part.name}: ${part.about}`);
  let measured = await measureOnce(part, rounds);
  if (measured.some(isFailure)) {
    say(`  missed by more than a quarter; once more, with ${2 * rounds} rounds`);
    measured = await measureOnce(part, 2 * rounds);
  }
  results.push(...measured);
}

async function measureOnce(part: Part, times: number): Promise<readonly Result[]> {
  const measured: Result[] = [];
  const folder = mkdtempSync(join(tmpdir(), "busbar-bench-"));
  try {
    const random = createSeededRandom(seed);
    for await (const result of part.measure({ random, rounds: times, short, full, folder, say })) {
      if ("skip" in result) {
        skipped.push({ part: part.name, why: result.skip });
        say(`  skipped: ${result.skip}`);
      } else {
        measured.push(result);
        say(`  ${describeResult(result)}`);
      }
    }
  } catch (thrown) {
    broken.push({ part: part.name, why: String(thrown) });
    say(`  could not be measured: ${thrown instanceof Error ? thrown.stack : String(thrown)}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return measured;
}

const machine = describeMachine();
say(`${machine}; seed ${seed}, ${rounds} rounds${short ? ", short" : ""}`);
for (const part of PARTS) if (positionals.length === 0 || positionals.includes(part.name)) await measure(part);

const judged = results.map((result) => ({ ...result, verdict: verdictOf(result), failed: isFailure(result) }));
const asked = judged.filter((result) => result.asked !== undefined);
const unmet = asked.filter((result) => result.verdict === "not met");
const failures = unmet.filter((result) => result.failed);
if (values.json) {
  const all = { machine, seed, rounds, short, results: judged, skipped, broken };
  process.stdout.write(`${JSON.stringify(all, undefined, 2)}\n`);
} else {
  process.stdout.write(`\n${renderTable(results)}\n`);
  for (const { part, why } of skipped) process.stdout.write(`skipped: ${part}: ${why}\n`);
  for (const { part, why } of broken) process.stdout.write(`failed: ${part}: ${why}\n`);
  for (const result of unmet) {
    process.stdout.write(`${result.failed ? "failed" : "by less than allowed"}: ${describeResult(result)}\n`);
  }
  process.stdout.write(`${asked.length - unmet.length} of ${asked.length} asked figures are met\n`);
  const failed = failures.length + broken.length;
  process.stdout.write(`${asked.length - failures.length} passed, ${failed} failed, ${skipped.length} skipped\n`);
}
process.exitCode = failures.length + broken.length > 0 ? 1 : 0;
