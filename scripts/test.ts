// Runs the tests under Node 24 and closes with one line that counts passed, failed and skipped.
// Usage: node scripts/test.ts [--concurrency N] [--timeout SECONDS] [--full] [--built] [--no-pages] [path or glob]…   (default: everything but the longer campaigns)
// --timeout: a test that takes longer has failed (default 450, with --full 3600), and so has a file that does not end
// after its tests: what hangs is named.
// --built: tests of the command line start dist/busbar.mjs instead of the source.
// --no-pages: the pages of the dashboard are not built; for tests that show none.
// --full: tests that take a sample of their cases take them all (BUSBAR_CAMPAIGN=full).
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { parseArgs } from "node:util";
import { ensureBuilt } from "./built.ts";

const { values, positionals } = parseArgs({
  options: {
    concurrency: { type: "string", default: "2" },
    timeout: { type: "string" },
    full: { type: "boolean", default: false },
    built: { type: "boolean", default: false },
    "no-pages": { type: "boolean", default: false },
  },
  allowPositionals: true,
});

const patterns =
  positionals.length === 0
    ? [
        "src/**/*.test.ts",
        "test/*.test.ts",
        "sim/*.test.ts",
        "examples/**/*.test.ts",
        "scripts/**/*.test.ts",
        "dashboard/**/*.test.ts",
      ]
    : positionals.map((path) => (path.endsWith(".ts") ? path : `${path}/**/*.test.ts`));

// Servers that tests start show the pages of the sources as they are.
if (!values["no-pages"]) await import("./dashboard.ts");
// Tests get a TMPDIR of their own, so that what they leave behind is seen and removed.
const temporary = mkdtempSync(join(tmpdir(), "busbar-test-"));
process.env.TMPDIR = temporary;
if (values.built) process.env.BUSBAR_TEST_BIN = ensureBuilt();
if (values.full) process.env.BUSBAR_CAMPAIGN = "full";
process.env.NODE_COMPILE_CACHE ??= resolve("node_modules/.cache/compile");

const counts = { passed: 0, failed: 0, skipped: 0 };
const skipped: string[] = [];
const stream = run({
  globPatterns: patterns,
  concurrency: Number(values.concurrency),
  execArgv: [`--import=${new URL("test-end.ts", import.meta.url)}`],
  timeout: Number(values.timeout ?? (values.full ? 3600 : 450)) * 1000,
});
stream.on("test:pass", (event) => {
  // A suite that is skipped counts as one: its tests are not even known.
  if (event.details.type === "suite" && event.skip === undefined) return;
  if (event.skip !== undefined) {
    counts.skipped += 1;
    skipped.push(`${event.name}${typeof event.skip === "string" ? `: ${event.skip}` : ""}`);
  } else if (event.todo === undefined) {
    counts.passed += 1;
  }
});
stream.on("test:fail", (event) => {
  if (event.details.type !== "suite") counts.failed += 1;
  process.exitCode = 1;
});
const reporter = stream.compose(new spec());
for await (const chunk of reporter) process.stdout.write(String(chunk));

rmSync(temporary, { recursive: true, force: true });
for (const line of skipped) process.stdout.write(`skipped: ${line}\n`);
if (counts.passed + counts.failed + counts.skipped === 0) {
  process.stdout.write(`no test matches ${patterns.join(" ")}\n`);
  process.exitCode = 1;
}
process.stdout.write(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`);
