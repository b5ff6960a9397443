// What can go wrong before a command begins: a working directory that is gone, files of the installation that are.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { COMMAND_TABLE } from "../src/cli/command-table.ts";
import { type Cli, chain, createCli } from "./cli/harness.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const windows = process.platform === "win32" ? "Windows does not remove the working directory of a process" : false;

type Name = (typeof COMMAND_TABLE)[number]["name"];

describe("without a working directory", { skip: windows }, () => {
  let cli: Cli;
  let valid: string;
  let state: string;
  beforeEach(async () => {
    cli = createCli();
    const { address } = await cli.serve("a", () => "fine");
    valid = cli.write("p.json", chain({ a: address }));
    state = join(cli.folder, "state");
    assert.equal((await cli.run(["run", valid, "--run-id", "r1", "--state-dir", state])).code, 0);
  });
  afterEach(() => cli.close());

  async function runNowhere(args: readonly string[]) {
    const nowhere = join(realpathSync(cli.folder), "nowhere");
    mkdirSync(nowhere);
    return cli.startUnder(["sh", "-c", 'cd "$0" && rmdir "$0" && exec "$@"', nowhere], args).ended;
  }

  interface Case {
    readonly args: readonly string[];
    readonly code: number;
    /** On stderr, where the code is 2. */
    readonly says?: RegExp;
  }
  const stateOnly = (args: readonly string[]) => (): readonly Case[] => [
    { args, code: 2 },
    { args: [...args, "--state-dir", "state"], code: 2 },
    { args: [...args, "--state-dir", state], code: 0 },
  ];
  /** What a command does with nothing but absolute paths, and what it says to a relative one. */
  const table: { readonly [name in Name]: (paths: Record<"valid" | "state", string>) => readonly Case[] } = {
    init: ({ state }) => [
      { args: [], code: 2 },
      { args: ["here"], code: 2 },
      { args: [join(state, "made")], code: 0 },
    ],
    validate: ({ valid }) => [
      { args: ["p.json"], code: 2 },
      { args: ["./p.yaml", "--json"], code: 2 },
      { args: [valid], code: 0 },
    ],
    graph: ({ valid }) => [
      { args: ["p.json"], code: 2 },
      { args: [valid], code: 0 },
    ],
    schema: () => [{ args: [], code: 0 }],
    proto: () => [{ args: [], code: 0 }],
    run: ({ valid, state }) => [
      { args: ["p.json"], code: 2 },
      { args: [valid], code: 2 },
      { args: ["p.json", "--state-dir", state], code: 2 },
      { args: [valid, "--state-dir", "state"], code: 2 },
      { args: [valid, "--state-dir", state], code: 0 },
    ],
    resume: ({ valid, state }) => [
      { args: ["r1"], code: 2 },
      { args: ["r1", "--file", "p.json", "--state-dir", state], code: 2 },
      { args: ["r1", "--file", valid, "--state-dir", state], code: 2, says: /^RUN_ALREADY_SUCCEEDED/ },
    ],
    rerun: ({ valid, state }) => [
      { args: ["r1"], code: 2 },
      { args: ["r1", "--file", "p.json", "--state-dir", state], code: 2 },
      { args: ["r1", "--file", valid, "--state-dir", state], code: 2, says: /^RERUN_NOTHING/ },
    ],
    check: ({ valid }) => [
      { args: ["p.json"], code: 2 },
      { args: [valid], code: 0 },
    ],
    pause: ({ state }) => [
      { args: ["r1"], code: 2 },
      { args: ["r1", "--state-dir", state], code: 2, says: /^RUN_ALREADY_ENDED/ },
    ],
    unpause: ({ state }) => [
      { args: ["r1"], code: 2 },
      { args: ["r1", "--state-dir", state], code: 2, says: /^RUN_ALREADY_ENDED/ },
    ],
    cancel: ({ state }) => [
      { args: ["r1"], code: 2 },
      { args: ["r1", "--state-dir", state], code: 1 },
    ],
    runs: stateOnly([]),
    prune: stateOnly(["--keep", "9"]),
    token: stateOnly(["list"]),
    show: stateOnly(["r1"]),
    explain: stateOnly(["r1"]),
    watch: stateOnly(["r1"]),
    events: stateOnly(["r1"]),
    logs: stateOnly(["r1"]),
    doctor: stateOnly([]),
    serve: () => [
      { args: ["--port", "99999"], code: 2, says: /^USAGE/ },
      { args: ["--max-runs", "0"], code: 2, says: /^USAGE: --max-runs/ },
    ],
    worker: ({ state }) => [
      { args: ["register"], code: 2, says: /^USAGE: where is Restate's admin API/ },
      { args: ["--listen", "9080"], code: 2, says: /^USAGE: --listen is HOST:PORT/ },
      { args: ["--listen", "127.0.0.1:0", "--logs-dir", "logs"], code: 2 },
      { args: ["--listen", "127.0.0.1:0", "--policy", join(state, "none.json")], code: 2, says: /^POLICY_INVALID/ },
    ],
    "dummy-server": () => [{ args: ["--port", "99999"], code: 2, says: /^USAGE/ }],
  };
  for (const { name } of COMMAND_TABLE) {
    it(`busbar ${name} says so in one line where it needs one, and otherwise does its work`, async () => {
      for (const { args, code, says = /^WORKING_DIRECTORY_GONE: the working directory / } of table[name]({
        valid,
        state,
      })) {
        const ended = await runNowhere([name, ...args]);
        const told = `${args.join(" ")}\n${ended.stdout}${ended.stderr}`;
        assert.equal(ended.code, code, told);
        if (code !== 2) continue;
        assert.match(ended.stderr, says, told);
        if (says.source.includes("GONE")) assert.equal(ended.stderr.split("\n").length, 2, told);
        assert.equal(ended.stdout, "", told);
      }
      const help = await runNowhere([name, "--help"]);
      assert.deepEqual([help.code, help.stderr], [0, ""]);
    });
  }

  it("answers what needs none", async () => {
    for (const args of [["--version"], ["-V"], ["--help"], ["help"], ["help", "run"]]) {
      const { code, stderr } = await runNowhere(args);
      assert.deepEqual([code, stderr], [0, ""], args.join(" "));
    }
    for (const args of [[], ["no-command"], ["run"], ["run", "--nonsense"]]) {
      assert.equal((await runNowhere(args)).code, 2, args.join(" "));
    }
  });

  it("reads large YAML, in its thread", async () => {
    const text = `workflow_name: y\nservice_registry: { a: "localhost:1" }\ncontainers:\n  a: { input_file: i, output_file: o }\n`;
    const file = cli.write("large.yaml", text + "# more\n".repeat(50_000));
    const { code, stderr } = await runNowhere(["validate", file]);
    assert.equal(code, 0, stderr);
  });
});

describe("names that are no UTF-8", { skip: windows }, () => {
  let cli: Cli;
  beforeEach(() => {
    cli = createCli();
  });
  afterEach(() => cli.close());

  /** `caf\xe9`: Latin-1, which Linux takes for a name and other systems do not. */
  const under = (script: string) => ["sh", "-c", `n=$(printf 'caf\\351'); ${script}`, "sh"];

  it("are refused, and nothing is made under another name", async (test) => {
    const made = await cli.startUnder(["sh", "-c", "n=$(printf 'caf\\351'); mkdir \"$n\"", "sh"], []).ended;
    if (made.code !== 0) return test.skip("this file system takes UTF-8 names only");
    const before = readdirSync(cli.folder, { encoding: "buffer" }).map(String);
    for (const [script, args] of [
      ['cd "$n" && exec "$@"', ["runs"]],
      ['cd "$n" && exec "$@"', ["init"]],
      ['exec "$@" "$n"', ["init"]],
      ['exec "$@" --state-dir "$n/state"', ["runs"]],
      ['exec "$@" "$n/p.json"', ["validate"]],
    ] as const) {
      const { code, stdout, stderr } = await cli.startUnder(under(script), args).ended;
      assert.deepEqual([code, stdout], [2, ""], stderr);
      assert.match(stderr, /^USAGE: the (argument|path of the working directory).* is not UTF-8\. Rename .*\n$/);
    }
    assert.deepEqual(readdirSync(cli.folder, { encoding: "buffer" }).map(String), before);
    const help = await cli.startUnder(under('cd "$n" && exec "$@"'), ["run", "--help"]).ended;
    assert.equal(help.code, 0);
  });
});

describe("a broken installation", () => {
  let folder: string;
  before(() => {
    const { status, stderr } = spawnSync(process.execPath, [join(root, "scripts", "build.ts")], { encoding: "utf8" });
    assert.equal(status, 0, stderr);
    folder = mkdtempSync(join(tmpdir(), "busbar-broken-"));
    cpSync(join(root, "dist"), folder, { recursive: true });
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const [what, spoil] of [
    ["is missing", (path: string) => rmSync(path)],
    ["is cut", (path: string) => writeFileSync(path, "module.exports = {")],
    ["is empty", (path: string) => writeFileSync(path, "")],
  ] as const) {
    it(`is called that, with what is needed for a report, where a file ${what}`, () => {
      spoil(join(folder, "look.cjs"));
      const { status, stdout, stderr } = spawnSync(process.execPath, [join(folder, "busbar.mjs"), "runs"], {
        encoding: "utf8",
      });
      assert.deepEqual([status, stdout], [70, ""]);
      assert.match(
        stderr,
        /^INTERNAL: busbar \d+\.\d+\.\d+ cannot be started\. Install it again; .*\n.*(look|TypeError|SyntaxError)/,
      );
    });
  }
});
