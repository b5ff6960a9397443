// The corpus of hostile containers through the real command line: what is refused calls nobody, and of the rest every
// character arrives as it stands. What is called is recorded by a stand-in for the engine's client, which is a program
// of this test without a shell; a trace of the system calls tells that no other program was started.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { requirePeer } from "../src/testing/require.ts";
import { type Cli, createCli, jsonLines } from "./cli/harness.ts";
import { findStrace } from "./durability/strace.ts";

interface Case {
  readonly command?: string;
  readonly docker?: object;
  readonly expect: "refused" | "literal";
  readonly program?: string;
  readonly allow?: readonly string[];
  readonly params?: Readonly<Record<string, string>>;
  readonly image?: string;
  readonly args?: readonly string[];
  readonly options?: readonly string[];
}

const corpus: { readonly commands: readonly Case[]; readonly structured: readonly Case[] } = JSON.parse(
  readFileSync(new URL("fixtures/injection/commands.json", import.meta.url), "utf8"),
);
/** What needs no params or allowances of its own, so that all fit into one file. */
const plain = (one: Case): boolean => one.allow === undefined && one.params === undefined;
const all = [...corpus.commands, ...corpus.structured].filter(plain);
const node = ({ command, docker }: Case, index: number) => ({
  id: `n${index}`,
  executor: "docker",
  ...(command === undefined ? { docker } : { command }),
});

const RECORDER = `
const { appendFileSync } = require("node:fs");
const args = process.argv.slice(2);
appendFileSync(process.env.CALLS, JSON.stringify(args) + "\\n");
if (args[0] === "create") console.log("c".repeat(64));
if (args.includes("inspect")) {
  console.error("Error: No such container: " + args.at(-1));
  process.exitCode = 1;
}
`;

const strace = requirePeer("strace", findStrace);
const windows = process.platform === "win32" ? "a script is no program on Windows" : false;

describe("the injection corpus", { skip: windows }, () => {
  let cli: Cli;
  let calls: string;
  let env: Readonly<Record<string, string>>;

  beforeEach(() => {
    cli = createCli();
    calls = join(cli.folder, "calls.jsonl");
    const bin = join(cli.folder, "bin");
    mkdirSync(bin);
    writeFileSync(calls, "");
    for (const name of ["docker", "podman"]) {
      // Node itself, started by the kernel: no shell, and no way for a PATH to come between.
      writeFileSync(join(bin, name), `#!${realpathSync(process.execPath)}\n${RECORDER}`);
      chmodSync(join(bin, name), 0o755);
    }
    env = { CALLS: calls, PATH: `${bin}${delimiter}${process.env.PATH}` };
  });
  afterEach(() => cli.close());
  const recorded = () =>
    readFileSync(calls, "utf8")
      .split("\n")
      .filter((line) => line !== "")
      .map((line): readonly string[] => JSON.parse(line));

  it("is refused where it should be, node by node, before anything is called", async () => {
    const refused = all.filter((one) => one.expect === "refused");
    assert.ok(refused.length >= 60, `${refused.length}`);
    // One node a line, so that lines tell nodes.
    const lines = refused.map((one, index) => JSON.stringify(node(one, index)));
    cli.write("refused.json", `{"workflow_name":"refused","containers":[\n${lines.join(",\n")}\n]}`);
    const run = await cli.run(["run", "refused.json", "--no-preflight"], env);
    assert.ok(run.code !== null && run.code >= 10 && run.code <= 19, run.stderr);
    const validated = JSON.parse((await cli.run(["validate", "refused.json", "--json"], env)).stdout) as {
      readonly diagnostics: readonly { readonly line: number }[];
    };
    const told = new Set(validated.diagnostics.map(({ line }) => line - 2));
    assert.deepEqual(
      refused.filter((_, index) => !told.has(index)).map(({ command, docker }) => command ?? docker),
      [],
    );
    assert.deepEqual(recorded(), []);
    assert.deepEqual(JSON.parse((await cli.run(["runs", "--json"])).stdout || "[]"), []);
  });

  /** All that is valid, by the stand-ins on PATH. */
  const literal = all.filter((one) => one.expect === "literal" && /^(docker|podman)$/.test(one.program ?? "docker"));
  const writeLiteral = () => {
    assert.ok(literal.length >= 15, `${literal.length}`);
    cli.write("literal.json", { workflow_name: "literal", on_failure: "continue", containers: literal.map(node) });
  };
  const ARGS = ["run", "literal.json", "--no-preflight", "--run-id", "r1", "--json"];

  it("arrives literally where it is valid: every argument as written, after the options that were checked", async () => {
    writeLiteral();
    const run = await cli.run(ARGS, env);
    const started = jsonLines(run.stdout).filter(({ type }) => type === "node.started");
    assert.equal(started.length, literal.length, run.stderr);
    const created = recorded().filter(([verb]) => verb === "create");
    for (const { image = "", args = [], options = [] } of literal) {
      const tail = [...options, "--", image, ...args];
      const found = created.some((call) => JSON.stringify(call.slice(-tail.length)) === JSON.stringify(tail));
      assert.ok(
        found,
        `${JSON.stringify(tail)} was not among ${created.map((call) => JSON.stringify(call)).join("\n")}`,
      );
    }
  });

  it("is shown on one line a command, whatever is in it", async () => {
    writeLiteral();
    await cli.run(ARGS, env);
    const shown = (await cli.run(["logs", "r1"])).stdout;
    const commands = shown.split("\n").filter((line) => /(?:docker|podman) create /.test(line));
    assert.equal(commands.length, recorded().filter(([verb]) => verb === "create").length, shown);
    assert.ok(commands.length > 30);
    const text = `${shown}${(await cli.run(["show", "r1"])).stdout}${(await cli.run(["events", "r1"])).stdout}`;
    assert.doesNotMatch(text, /[^\P{Cc}\n]/u);
  });

  it("starts no program but the engine's client", { skip: strace.skip }, () => {
    writeLiteral();
    const trace = join(cli.folder, "trace");
    const bin = fileURLToPath(new URL("../src/cli/bin.ts", import.meta.url));
    const traced = ["-f", "-e", "trace=execve,execveat", "-s", "4096", "-o", trace, process.execPath, bin, ...ARGS];
    spawnSync("strace", traced, { cwd: cli.folder, env: { ...process.env, ...env } });
    const programs = [...readFileSync(trace, "utf8").matchAll(/execve(?:at)?\((?:[^"]*, )?"([^"]*)".*= 0$/gm)].map(
      ([, path = ""]) => path,
    );
    assert.ok(programs.length > literal.length, `${programs.length}`);
    const stray = programs.filter((path) => !/[\\/](docker|podman)$/.test(path) && path !== process.execPath);
    assert.deepEqual(stray, []);
  });
});
