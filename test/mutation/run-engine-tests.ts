// What the mutation tester runs for each mutant: the tests below, in one process, up to the first that fails.
// Properties draw from a fixed seed and do not shrink, so that the same mutants survive each time.
import { run } from "node:test";
import fc from "fast-check";

/** A part of the engine that only other tests can reach gets them here. */
const TESTS = ["src/engine/**/*.test.ts"];

fc.configureGlobal({ seed: 1, endOnFailure: true });

let passed = 0;
const stream = run({ globPatterns: TESTS, isolation: "none" });
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
