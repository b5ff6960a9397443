// Makes each hand-made mistake of test/mutation/hand-made.ts in a copy of the project; the tests named with it must notice.
// Usage: npm run campaign:mutants [-- --only TEXT]   (TEXT: part of a name)
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { tmpdir } from "node:os";
import { join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { HAND_MADE, type HandMade } from "../test/mutation/hand-made.ts";

const LANES = 2;
/** A test that takes longer than this hangs, and has noticed. */
const TEST_TIMEOUT_SECONDS = 20;
/** What hangs otherwise has been noticed: when the tests take this much longer than all of them take without a mutant. */
const HANGS = { factor: 5, atLeastMs: 30_000 };

const root = fileURLToPath(new URL("../", import.meta.url));
const { values } = parseArgs({ options: { only: { type: "string" } } });
const chosen = HAND_MADE.filter(({ name }) => name.includes(values.only ?? ""));
const running = new Set<ChildProcess>();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, stop);
let stopped = false;

const began = performance.now();
const copies = mkdtempSync(join(tmpdir(), "busbar-mutants-"));
try {
  const faults = chosen.flatMap(faultOfEntry);
  if (faults.length === 0) faults.push(...(await tryAll()));
  for (const fault of faults) process.stdout.write(`FAILED ${fault}\n`);
  process.stdout.write(`${chosen.length} mutants, ${Math.round((performance.now() - began) / 1000)} s\n`);
  process.stdout.write(`${Math.max(chosen.length - faults.length, 0)} passed, ${faults.length} failed, 0 skipped\n`);
  if (faults.length > 0 || chosen.length === 0) process.exitCode = 1;
} finally {
  rmSync(copies, { recursive: true, force: true });
}

async function tryAll(): Promise<string[]> {
  const lanes = Array.from({ length: LANES }, (_, lane) => copyProject(join(copies, String(lane))));
  // Where a test fails anyway, it notices nothing.
  const tests = [...new Set(chosen.flatMap((mutant) => mutant.tests))];
  const startedMs = performance.now();
  const sane = await runTests(lanes[0] ?? "", tests, 600_000);
  const limitMs = HANGS.atLeastMs + HANGS.factor * (performance.now() - startedMs);
  if (!sane.passed) return [`the tests fail without any mutant:\n${sane.output}`];
  const open = [...chosen];
  const faults: string[] = [];
  await Promise.all(
    lanes.map(async (copy) => {
      for (let mutant = open.shift(); mutant !== undefined && !stopped; mutant = open.shift()) {
        const { passed, hung, seconds } = await tryOne(copy, mutant, limitMs);
        process.stdout.write(`${passed ? "survived" : hung ? "hung    " : "killed  "} ${seconds} s  ${mutant.name}\n`);
        if (passed)
          faults.push(`${mutant.name} (${mutant.file}): ${mutant.why}; ${mutant.tests.join(" ")} did not notice`);
      }
    }),
  );
  return stopped ? ["stopped"] : faults;
}

async function tryOne(copy: string, mutant: HandMade, limitMs: number): Promise<Tried & { readonly seconds: string }> {
  const startedMs = performance.now();
  const path = join(copy, mutant.file);
  const text = readFileSync(path, "utf8");
  writeFileSync(
    path,
    text.replace(mutant.find, () => mutant.replace),
  );
  try {
    const tried = await runTests(copy, mutant.tests, limitMs);
    return { ...tried, seconds: ((performance.now() - startedMs) / 1000).toFixed(1) };
  } finally {
    writeFileSync(path, text);
  }
}

interface Tried {
  readonly passed: boolean;
  readonly hung: boolean;
  readonly output: string;
}

async function runTests(copy: string, tests: readonly string[], limitMs: number): Promise<Tried> {
  // A group of its own, so that a test that hangs ends with all it has started.
  const limit = String(TEST_TIMEOUT_SECONDS);
  const child = spawn(process.execPath, ["scripts/test.ts", "--no-pages", "--timeout", limit, ...tests], {
    cwd: copy,
    detached: true,
  });
  running.add(child);
  let hung = false;
  const timer = setTimeout(() => {
    hung = true;
    end(child);
  }, limitMs);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      output += chunk;
    });
  }
  const [code] = await once(child, "close");
  clearTimeout(timer);
  running.delete(child);
  return { passed: code === 0, hung, output };
}

function stop(): void {
  stopped = true;
  for (const child of running) end(child);
}

function end({ pid }: ChildProcess): void {
  if (pid !== undefined) process.kill(-pid, "SIGKILL");
}

function copyProject(to: string): string {
  const own = join(root, "test", "mutation", "node_modules");
  for (const name of ["src", "test", "scripts", "schema", "proto", "package.json", "tsconfig.json"]) {
    cpSync(join(root, name), join(to, name), {
      recursive: true,
      filter: (path) => !`${path}${sep}`.startsWith(own + sep),
    });
  }
  symlinkSync(join(root, "node_modules"), join(to, "node_modules"), "junction");
  return to;
}

/** What is wrong with the entry itself. */
function faultOfEntry({ name, file, find, replace }: HandMade): string[] {
  const text = readFileSync(join(root, file), "utf8");
  const times = text.split(find).length - 1;
  if (times !== 1) return [`${name}: its text stands ${times} times in ${file}, not once`];
  try {
    stripTypeScriptTypes(text.replace(find, () => replace));
    return [];
  } catch (thrown) {
    return [`${name}: makes no program of ${file}: ${thrown instanceof Error ? thrown.message : thrown}`];
  }
}
