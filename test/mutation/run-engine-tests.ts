// What the mutation tester runs for each mutant: the tests below, in one process, up to the first that fails.
// Properties draw from a fixed seed and do not shrink, so that the same mutants survive each time. They come last:
// most mutants are killed by a test that costs a hundredth of them.
import { globSync, readFileSync } from "node:fs";
import { run } from "node:test";
import fc from "fast-check";

/** A part of the engine that only other tests can reach gets them here. */
const TESTS = ["src/engine/**/*.test.ts"];

fc.configureGlobal({ seed: 1, endOnFailure: true });

const hasProperties = (file: string): boolean => readFileSync(file, "utf8").includes("fc.assert(");
const found = globSync(TESTS).toSorted();
const files = [...found.filter((file) => !hasProperties(file)), ...found.filter(hasProperties)];

let passed = 0;
const stream = run({ files, isolation: "none" });
stream.on("test:pass", (event) => {
  if (event.details.type !== "suite") passed += 1;
});
stream.on("test:fail", (event) => {
  process.stderr.write(`${event.name}\n`);
  process.exit(1);
});
for await (const _ of stream);
if (passed === 0) {
  process.stderr.write(`no test matches ${TESTS.join(" ")}\n`);
  process.exitCode = 1;
}
