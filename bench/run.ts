// Measures Busbar against its floors and peers, and says where it stands (docs/reference/performance.md).
// Usage: node bench/run.ts [--short] [--json] [--rounds N] [--seed N] [part]…
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createSeededRandom } from "../src/kernel/random.ts";
import { describeMachine } from "./harness/machine.ts";
import type { Part } from "./harness/part.ts";
import { describeResult, renderTable } from "./harness/report.ts";
import { type Result, verdictOf } from "./harness/result.ts";
import { coldStartPart } from "./parts/cold-start.ts";
import { delayPart } from "./parts/delay.ts";
import { instantPart } from "./parts/instant.ts";
import { oneShotPart } from "./parts/one-shot.ts";
import { scalePart } from "./parts/scale.ts";
import { servicesPart } from "./parts/services.ts";
import { warmPart } from "./parts/warm.ts";

const PARTS: readonly Part[] = [oneShotPart, coldStartPart, warmPart, delayPart, instantPart, scalePart, servicesPart];

const { values, positionals } = parseArgs({
  options: {
    short: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    rounds: { type: "string" },
    seed: { type: "string" },
  },
  allowPositionals: true,
});
const short = values.short;
const rounds = Number(values.rounds ?? (short ? 15 : 25));
const seed = Number(values.seed ?? Date.now() % 2 ** 32);
const unknown = positionals.filter((name) => PARTS.every((part) => part.name !== name));
if (unknown.length > 0 || !Number.isSafeInteger(seed) || !(rounds >= 1)) {
  process.stderr.write(`Usage: node bench/run.ts [--short] [--json] [--rounds N] [--seed N] [part]…\n`);
  for (const part of PARTS) process.stderr.write(`  ${part.name.padEnd(12)} ${part.about}\n`);
  process.exit(2);
}

const say = (line: string): void => {
  process.stderr.write(`${line}\n`);
};
const results: Result[] = [];
const skipped: { readonly part: string; readonly why: string }[] = [];
const machine = describeMachine();
say(`${machine}; seed ${seed}, ${rounds} rounds${short ? ", short" : ""}`);
for (const part of PARTS) {
  if (positionals.length > 0 && !positionals.includes(part.name)) continue;
  say(`\n${part.name}: ${part.about}`);
  const folder = mkdtempSync(join(tmpdir(), "busbar-bench-"));
  try {
    const random = createSeededRandom(seed);
    for await (const result of part.measure({ random, rounds, short, folder, say })) {
      if ("skip" in result) {
        skipped.push({ part: part.name, why: result.skip });
        say(`  skipped: ${result.skip}`);
      } else {
        results.push(result);
        say(`  ${describeResult(result)}`);
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const judged = results.map((result) => ({ ...result, verdict: verdictOf(result) }));
const missed = judged.filter((result) => result.verdict === "missed");
if (values.json) {
  process.stdout.write(`${JSON.stringify({ machine, seed, rounds, short, results: judged, skipped }, undefined, 2)}\n`);
} else {
  process.stdout.write(`\n${renderTable(results)}\n`);
  for (const { part, why } of skipped) process.stdout.write(`skipped: ${part}: ${why}\n`);
}
say(`\n${results.length} measured, ${missed.length} missed, ${skipped.length} skipped`);
process.exitCode = missed.length > 0 ? 1 : 0;
