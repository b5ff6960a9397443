// Writes the text of the contract as a module, so that every bundle of the command line has it: npm run generate
import { readFileSync, writeFileSync } from "node:fs";

const text = readFileSync(new URL("../proto/energy_pipeline.proto", import.meta.url), "utf8");
const lines = text.split("\n").map((line) => `  ${JSON.stringify(line)},`);
writeFileSync(
  new URL("../src/cli/proto-text.ts", import.meta.url),
  `${[
    "// Made by `npm run generate` from proto/energy_pipeline.proto: change that.",
    "",
    "/** The gRPC contract of a pipeline service. */",
    "export const PROTO_TEXT: string = [",
    ...lines,
    '].join("\\n");',
  ].join("\n")}\n`,
);
