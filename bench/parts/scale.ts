import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runChild } from "../harness/child.ts";
import { peakOfBusbar, timeBusbar } from "../harness/cli.ts";
import type { Part } from "../harness/part.ts";
import { type Result, ratioResult } from "../harness/result.ts";
import { measureInRounds, ratioOf } from "../harness/rounds.ts";
import { fileOf, type Shape, shapeOf } from "../harness/shapes.ts";
import { spreadOf } from "../harness/statistics.ts";
import type { OneRun } from "../peers/one-run.ts";

const SMALL = 10_000;
const LARGE = 100_000;
const ONE_RUN = fileURLToPath(new URL("../peers/one-run.ts", import.meta.url));

const SHAPES: readonly { readonly shape: Shape; readonly name: string; readonly inShort: boolean }[] = [
  { shape: "wide", name: "fan-out and fan-in", inShort: true },
  { shape: "mesh", name: "layers of 100, ten upstream each", inShort: false },
];

export const scalePart: Part = {
  name: "scale",
  about: "100,000 nodes against 10,000, a process each, with an executor that answers at once, on SQLite",
  async *measure({ short, rounds: given, random, folder }) {
    // Seconds a round, and a bound with a wide margin.
    const rounds = short ? Math.min(given, 5) : given;
    for (const { shape, name, inShort } of SHAPES) {
      if (short && !inShort) continue;
      const peaks: number[] = [];
      const run = async (nodes: number): Promise<number> => {
        const { tookMs, peakMb } = await runChild<OneRun>([ONE_RUN, shape, String(nodes), folder]);
        if (nodes === LARGE) peaks.push(peakMb);
        return tookMs;
      };
      const samples = await measureInRounds({ large: () => run(LARGE), small: () => run(SMALL) }, { rounds, random });
      yield ratioResult(
        "scale",
        `${name}: time of 100,000 nodes to 10,000`,
        ratioOf(samples.large, samples.small),
        rounds,
        {
          asked: { bound: "at most", value: 12 },
          note: `${seconds(samples.large)} to ${seconds(samples.small)}`,
        },
      );
      yield readOff(`${name}: peak memory with 100,000 nodes`, "MB", peaks, { bound: "at most", value: 600 });
    }
    yield* validateLarge(folder, rounds);
  },
};

/** The same graph as a file. Nothing was asked of it. */
function* validateLarge(folder: string, rounds: number): Iterable<Result> {
  const file = join(folder, "large.json");
  const text = fileOf(shapeOf("wide", LARGE));
  writeFileSync(file, text);
  const args = ["validate", file];
  const times = Array.from({ length: rounds }, () => timeBusbar(args) / 1000);
  const megabytes = `${(text.length / 1e6).toFixed(1)} MB of JSON`;
  yield { ...readOff("busbar validate of 100,000 nodes, whole process", "s", times), note: megabytes };
  yield readOff("busbar validate of 100,000 nodes: peak memory", "MB", [peakOfBusbar(args, folder)]);
}

function readOff(name: string, unit: string, values: readonly number[], asked?: Result["asked"]): Result {
  const spread = spreadOf(values);
  const rounds = values.length;
  return { part: "scale", name, unit, value: spread.median, spread, rounds, ...(asked === undefined ? {} : { asked }) };
}

function seconds(ms: readonly number[]): string {
  return `${(spreadOf(ms).median / 1000).toFixed(2)} s`;
}
