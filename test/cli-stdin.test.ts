// A workflow from standard input: `-` in place of a file.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { closeSync, mkdirSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { stringify } from "yaml";
import { MAX_FILE_BYTES } from "../src/workflow/text/source.ts";
import { type Cli, chain, createCli, type Ended } from "./cli/harness.ts";
import { findTmux, openTerminal } from "./cli/terminal.ts";

let cli: Cli;
beforeEach(() => {
  cli = createCli();
});
afterEach(() => cli.close());

function runWith(args: readonly string[], ...pieces: readonly (string | Uint8Array)[]): Promise<Ended> {
  const { child, ended } = cli.start(args);
  // It may stop reading before the end.
  child.stdin.on("error", () => undefined);
  for (const piece of pieces) child.stdin.write(piece);
  child.stdin.end();
  return ended;
}

const workflow = chain({ a: "localhost:1", b: "localhost:2" });
const json = JSON.stringify(workflow);
const yaml = stringify(workflow);

describe("a workflow from stdin", () => {
  it("is JSON where it begins as an object or a list, else YAML, in one piece or many", async () => {
    const valid: readonly (readonly (string | Uint8Array)[])[] = [
      [json],
      [`\uFEFF${json}`],
      [` \r\n\t${json}`],
      [...Buffer.from(json)].map((byte) => Uint8Array.of(byte)),
      [yaml],
      [`# a comment\n---\n${yaml}`],
      [`\uFEFF${yaml}`],
      [yaml, "# more\n".repeat(50_000)],
    ];
    for (const pieces of valid) {
      const { code, stdout, stderr } = await runWith(["validate", "-"], ...pieces);
      assert.equal(code, 0, stdout + stderr);
      assert.equal(stdout, "<stdin> is valid: chain, 2 nodes, 2 services\n");
    }
  });

  it("has its problems named as those of a file", async () => {
    const wrong: readonly (readonly [pieces: readonly (string | Uint8Array)[], code: number, says: RegExp])[] = [
      [[], 12, /^<stdin>:1:1 error WORKFLOW_WRONG_TYPE: .*nothing is written there/],
      [["[]"], 12, /^<stdin>:1:1 error WORKFLOW_WRONG_TYPE/],
      [['{\n  "workflow_name": }'], 11, /^<stdin>:2:20 error WORKFLOW_SYNTAX/],
      [["{ a: 1 }"], 11, /^<stdin>:1:3 error WORKFLOW_SYNTAX/],
      [["a: [\n"], 11, /^<stdin>:\d:\d error WORKFLOW_SYNTAX/],
      [[json.replace('"b"', '"c"')], 13, /^<stdin>:1:\d+ error WORKFLOW_/],
      [[Buffer.from('{"workflow_name": "größe"}', "latin1")], 11, /^<stdin>:1:22 .* not valid UTF-8 here/],
      [[Buffer.from(`\uFEFF${json}`, "utf16le")], 11, /^<stdin>:1:1 .* UTF-16; save it as UTF-8/],
      [[json, " ".repeat(MAX_FILE_BYTES)], 11, /^<stdin>:1:1 error WORKFLOW_TOO_LARGE: .* larger than 32 MiB/],
    ];
    for (const [pieces, code, says] of wrong) {
      const ended = await runWith(["validate", "-"], ...pieces);
      assert.match(ended.stdout, says, ended.stderr);
      assert.equal(ended.code, code, ended.stdout);
    }
    const report = JSON.parse((await runWith(["validate", "-", "--json"], "[]")).stdout);
    assert.deepEqual([report.file, report.diagnostics[0].file], ["<stdin>", "<stdin>"]);
  });

  it("is none where stdin is a folder, which is said", { skip: process.platform === "win32" }, () => {
    const folder = openSync(cli.folder, "r");
    const [program = "", ...words] = [...cli.command, "validate", "-"];
    const ended = spawnSync(program, words, { stdio: [folder, "pipe", "pipe"], encoding: "utf8" });
    closeSync(folder);
    assert.match(ended.stderr, /^WORKFLOW_NOT_FOUND: <stdin> is a folder, not a workflow\n/);
    assert.deepEqual([ended.status, ended.stdout], [10, ""]);
  });

  it("runs, is checked, drawn and resumed with, and has no file", async () => {
    const a = await cli.serve("a", () => "fine");
    let broken = true;
    const b = await cli.serve("b", () => {
      if (broken) throw new Error("disk on fire");
      return "fine";
    });
    const text = JSON.stringify(chain({ a: a.address, b: b.address }));
    assert.equal((await runWith(["check", "-"], text)).stdout, "ready: a, b\n");
    assert.match((await runWith(["graph", "-"], text)).stdout, /b +<- a/);
    const first = await runWith(["run", "-", "--run-id", "r1"], text);
    assert.equal(first.code, 1, first.stderr);
    const view = JSON.parse((await cli.run(["show", "r1", "--json"])).stdout);
    assert.equal(view.definition_text, text);
    assert.equal("file" in view, false);
    broken = false;
    const changed = JSON.stringify(chain({ a: a.address, b: b.address }, { max_parallel: 3 }));
    const second = await runWith(["resume", "r1", "--file", "-"], changed);
    assert.equal(second.code, 0, second.stderr);
    const yamlRun = await runWith(
      ["run", "-", "--run-id", "r2", "--param", "p=1"],
      `params: { p: {} }\n${stringify(chain({ a: a.address }))}`,
    );
    assert.equal(yamlRun.code, 0, yamlRun.stderr);
  });

  it("has paths that are relative to the working directory", async () => {
    mkdirSync(join(cli.folder, "tls"));
    writeFileSync(join(cli.folder, "tls", "ca.pem"), "no certificate");
    const { address } = await cli.serve("a", () => "fine");
    const withCa = (file: string): string =>
      JSON.stringify(chain({ a: "" }, { service_registry: { a: { address, tls: { ca_file: file } } } }));
    const there = await runWith(["check", "-"], withCa("tls/ca.pem"));
    const gone = await runWith(["check", "-"], withCa("ca.pem"));
    assert.equal(gone.code, 23, gone.stdout);
    assert.match(gone.stdout, /ca_file.* cannot be read/);
    assert.doesNotMatch(there.stdout, /cannot be read/);
  });

  it("is not waited for in vain on a terminal, which is told what is expected", { skip: findTmux().skip }, async () => {
    const terminal = await openTerminal({
      folder: cli.folder,
      columns: 200,
      rows: 10,
      env: { BUSBAR: cli.command.join(" ") },
    });
    try {
      await terminal.type("$BUSBAR validate -; echo exit=$?", "Enter");
      await terminal.shows(/USAGE: - reads the workflow from standard input, which is this terminal: .*\nexit=2\n/);
    } finally {
      await terminal.close();
    }
  });
});
