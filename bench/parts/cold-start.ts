import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { timeBusbar, timeProcess } from "../harness/cli.ts";
import type { Part } from "../harness/part.ts";
import { ratioResult } from "../harness/result.ts";
import { measureInRounds, ratioOf } from "../harness/rounds.ts";
import { spreadOf } from "../harness/statistics.ts";
import { threeNodeFile } from "../harness/three-nodes.ts";

export const coldStartPart: Part = {
  name: "cold-start",
  about: "whole process of a command, against `node -e 0` of the same Node, compile cache warm",
  async *measure(context) {
    const json = join(context.folder, "pipeline.json");
    const yaml = join(context.folder, "pipeline.yaml");
    const text = threeNodeFile(["localhost:50051", "localhost:50052", "localhost:50053"]);
    writeFileSync(json, text);
    // Every JSON text is YAML as well, but people write it in blocks.
    writeFileSync(yaml, toYaml(JSON.parse(text)));
    const samples = await measureInRounds(
      {
        node: () => timeProcess(process.execPath, ["-e", "0"]),
        version: () => timeBusbar(["--version"]),
        json: () => timeBusbar(["validate", json]),
        yaml: () => timeBusbar(["validate", yaml]),
        help: () => timeBusbar(["--help"]),
      },
      context,
    );
    const ms = (values: readonly number[]): string => `${spreadOf(values).median.toFixed(1)} ms`;
    const commands = [
      ["busbar --version", samples.version],
      ["busbar validate, JSON", samples.json],
      ["busbar validate, YAML", samples.yaml],
      ["busbar --help", samples.help],
    ] as const;
    for (const [name, took] of commands) {
      yield ratioResult("cold-start", `${name}, to node -e 0`, ratioOf(took, samples.node), context.rounds, {
        asked: { bound: "at most", value: 3 },
        note: `${ms(took)} to ${ms(samples.node)}`,
      });
    }
  },
};

/** Block style, for objects, texts, numbers and null. */
function toYaml(value: unknown, indent = ""): string {
  if (typeof value !== "object" || value === null) return `${JSON.stringify(value)}\n`;
  return Object.entries(value)
    .map(([key, inner]) => {
      const nested = typeof inner === "object" && inner !== null;
      return `${indent}${key}:${nested ? `\n${toYaml(inner, `${indent}  `)}` : ` ${toYaml(inner)}`}`;
    })
    .join("");
}
