// The programs in docs/guides/embed.md: their types are checked, and they run as they stand.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { createJsonLog, type RunningService, serve } from "../src/service/index.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const library = join(root, "src", "index.ts");
const guide = readFileSync(join(root, "docs", "guides", "embed.md"), "utf8");

/** Each block is a file, which its first line names. */
const programs = new Map(
  [...guide.matchAll(/```ts\n(\/\/ (\S+)\n[\s\S]*?)```/g)].map(([, code = "", name = ""]) => [name, code]),
);

let folder: string;
let quick: RunningService;
let slow: RunningService;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "busbar-embed-guide-"));
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"), "junction");
  const common = { port: 0, signals: [], log: createJsonLog("s", () => undefined), allowEmptyPaths: true } as const;
  quick = await serve({ ...common, name: "quick", execute: ({ inputFile }) => `read ${inputFile}` });
  slow = await serve({
    ...common,
    name: "slow",
    execute: (_, { signal }) =>
      new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("stopped")))),
  });
  writeWorkflow("pipeline.json", quick.address, { params: { day: { type: "string" } } }, "${params.day}.csv");
  writeWorkflow("slow.json", slow.address, {}, "in.csv");
  // The package is not built here: its name leads to its source.
  for (const [name, code] of programs) {
    writeFileSync(join(folder, name), code.replace('from "busbar"', `from ${JSON.stringify(library)}`));
  }
});
after(async () => {
  await Promise.all([quick.close(0), slow.close(0)]);
  rmSync(folder, { recursive: true, force: true });
});

function writeWorkflow(name: string, address: string, more: object, input: string): void {
  const containers = { work: { input_file: input, output_file: "out.csv" } };
  const service_registry = { work: address };
  const file = { workflow_name: "guide", start_node: "work", service_registry, containers, ...more };
  writeFileSync(join(folder, name), JSON.stringify(file));
}

async function run(program: string, args: readonly string[] = []) {
  const child = spawn(process.execPath, [...args, program], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  const shown = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      shown[name] += text;
    });
  }
  const [code] = await once(child, "close");
  return { code, ...shown };
}

describe("docs/guides/embed.md", () => {
  it("shows programs whose types are right", async () => {
    assert.ok(programs.size >= 5, [...programs.keys()].join(", "));
    const config = JSON.parse(readFileSync(join(root, "tsconfig.json"), "utf8"));
    const compilerOptions = {
      ...config.compilerOptions,
      noEmit: true,
      skipLibCheck: true,
      allowImportingTsExtensions: true,
    };
    delete compilerOptions.paths;
    delete compilerOptions.rewriteRelativeImportExtensions;
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: [...programs.keys()] }));
    writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
    const { code, stdout } = await run(join(root, "node_modules", "typescript", "bin", "tsc"));
    assert.equal(code, 0, stdout);
  });

  it("runs a pipeline, and says what is wrong with a file", async () => {
    const ran = await run("run-pipeline.ts");
    assert.equal(ran.code, 0, ran.stderr);
    assert.match(ran.stdout, /^run\.succeeded after [\d.]+ ms\nwork succeeded \{.*read 2026-11-23\.csv/s);
    const right = readFileSync(join(folder, "pipeline.json"), "utf8");
    writeFileSync(join(folder, "pipeline.json"), right.replace('"start_node":"work"', '"start_node":"word"'));
    const wrong = await run("run-pipeline.ts");
    writeFileSync(join(folder, "pipeline.json"), right);
    assert.equal(wrong.code, 1);
    assert.match(wrong.stderr, /^pipeline\.json:1 WORKFLOW_UNKNOWN_NODE: /);
  });

  it("watches a run and cancels it", async () => {
    const { code, stdout, stderr } = await run("watch-and-cancel.ts");
    assert.equal(code, 0, stderr);
    const types = stdout.split("\n").map((line) => line.split(" ")[1]);
    assert.deepEqual(types.slice(0, 3), ["run.created", "run.started", "node.started"]);
    assert.ok(types.includes("run.cancel_requested"));
    assert.equal(types.at(-2), "run.cancelled");
  });

  it("takes up what a crash left", async () => {
    const killed = `
      import { openBusbar } from ${JSON.stringify(library)};
      const busbar = await openBusbar({ stateDir: "state" });
      const read = await busbar.readWorkflow("pipeline.json");
      const grpc = { execute: () => process.kill(process.pid, "SIGKILL") };
      const dying = await openBusbar({ stateDir: "state", executors: { grpc } });
      await dying.start({ definition: read.definition, params: { day: "d" }, runId: "left" });
      await new Promise((resolve) => setInterval(resolve, 60_000));
    `;
    writeFileSync(join(folder, "killed.ts"), killed);
    assert.notEqual((await run("killed.ts")).code, 0);
    const { code, stdout, stderr } = await run("go-on.ts");
    assert.equal(code, 0, stderr);
    assert.equal(stdout, "left run.succeeded\n");
    assert.equal((await run("go-on.ts")).stdout, "");
  });

  it("has an executor of its own", async () => {
    const { code, stdout, stderr } = await run("own-executor.ts");
    assert.equal(code, 0, stderr);
    const lines = stdout.trim().split("\n");
    assert.match(lines[0] ?? "", /^one 1 in-process-1\/one\/\S+ \{.*"input_file":"a"/);
    assert.match(lines[1] ?? "", /^two 1 in-process-1\/two\//);
    assert.equal(lines[2], "run.succeeded");
  });

  it("looks at the runs of a state directory", async () => {
    const { code, stdout, stderr } = await run("look.ts");
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^in-process-1 succeeded in_process$/m);
  });
});
