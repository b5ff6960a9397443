// How runs are listed and named on the command line.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { openSqliteJournal } from "../src/adapters/journal-sqlite/journal.ts";
import { createSystemClock } from "../src/adapters/system/clock.ts";
import { createSystemIds } from "../src/adapters/system/ids.ts";
import { COMMANDS as CONTROL } from "../src/cli/groups/control.ts";
import { COMMANDS as DRIVE } from "../src/cli/groups/drive.ts";
import { COMMANDS as LOOK } from "../src/cli/groups/look.ts";
import type { NewRun } from "../src/ports/journal.ts";
import { newRun, summaryWith } from "../src/testing/journal-runs.ts";
import { type Cli, chain, createCli } from "./cli/harness.ts";

let cli: Cli;
beforeEach(() => {
  cli = createCli();
});
afterEach(() => cli.close());

async function record(runs: readonly NewRun[]): Promise<void> {
  const clock = createSystemClock();
  const stateDir = join(cli.folder, ".busbar");
  const journal = await openSqliteJournal({ stateDir, clock, ids: createSystemIds(), pid: 1, host: "h" });
  for (const run of runs) await journal.create(run);
  await journal.close();
}

const idsOf = (stdout: string): readonly string[] =>
  stdout
    .split("\n")
    .slice(1, -1)
    .map((line) => line.split(" ")[0] ?? "");

describe("busbar runs", () => {
  it("shows the newest 20, says that there are more, and with which command", async () => {
    await record(
      Array.from({ length: 45 }, (_, i) =>
        newRun(`r${i + 10}`, {
          summary: summaryWith(i % 2 === 0 ? "failed" : "succeeded", {
            workflow: i < 5 ? "old one" : "pipeline",
            created_at: new Date(Date.UTC(2025, 0, 1 + i)).toISOString(),
          }),
        }),
      ),
    );
    assert.match((await cli.run(["runs", "--limit", "0"])).stderr, /^there are more: /); // not "no runs"
    const first = await cli.run(["runs"]);
    assert.deepEqual(
      idsOf(first.stdout),
      Array.from({ length: 20 }, (_, i) => `r${54 - i}`),
    );
    const seen = [...idsOf(first.stdout)];
    let { stderr } = first;
    while (stderr !== "") {
      const [, command = ""] = /^there are more: busbar (.*)\n$/.exec(stderr) ?? assert.fail(stderr);
      const page = await cli.run(command.split(" "));
      assert.equal(page.code, 0);
      seen.push(...idsOf(page.stdout));
      stderr = page.stderr;
    }
    assert.deepEqual(
      seen,
      Array.from({ length: 45 }, (_, i) => `r${54 - i}`),
    );
    assert.equal(JSON.parse((await cli.run(["runs", "--json"])).stdout).length, 45);
    const few = await cli.run(["runs", "--json", "--limit", "3", "--status", "failed", "--since", "2025-01-01"]);
    assert.equal(JSON.parse(few.stdout).length, 3);
    assert.match(
      few.stderr,
      /^there are more: busbar runs --limit 3 --since 2025-01-01 --status failed --json --before \w+\n$/,
    );
    assert.deepEqual(idsOf((await cli.run(["runs", "--since", "2025-02-12"])).stdout), ["r54", "r53", "r52"]);
    assert.equal(idsOf((await cli.run(["runs", "--workflow", "old one"])).stdout).length, 5);
    assert.equal((await cli.run(["runs", "--since", "1h"])).stderr, "no such runs\n");
    for (const [args, message] of [
      [["--before", "x"], /"?x"? is no place in a list of runs/],
      [["--limit", "-1"], /--limit is a whole number/],
      [["--since", "soon"], /--since is a time like/],
    ] as const) {
      const refused = await cli.run(["runs", ...args]);
      assert.equal(refused.code, 2);
      assert.match(refused.stderr, message);
    }
  });
});

describe("busbar prune", () => {
  it("deletes what its options name, says what went, and asks for one of them", async () => {
    const none = await cli.run(["prune"]);
    assert.equal(none.code, 2);
    assert.match(none.stderr, /--older-than 30d, --keep N or --max-bytes BYTES/);
    assert.equal((await cli.run(["prune", "--keep", "0"])).stderr, "0 runs pruned, 0 bytes\n");
    assert.equal(existsSync(join(cli.folder, ".busbar")), false);
    const a = await cli.serve("a", () => "fine");
    cli.write("w.json", chain({ a: a.address }));
    for (const id of ["one", "two", "three"]) assert.equal((await cli.run(["run", "w.json", "--run-id", id])).code, 0);
    await record([newRun("open")]);
    const dry = await cli.run(["prune", "--keep", "1", "--dry-run"]);
    assert.match(dry.stdout, /^one {2}\d.* kB\ntwo {2}\d.* kB\n$/);
    assert.match(dry.stderr, /^2 runs would go, \d.* kB\n$/);
    assert.equal((await cli.run(["prune", "--older-than", "1d"])).stdout, "");
    const gone = JSON.parse((await cli.run(["prune", "--keep", "1", "--json"])).stdout);
    assert.deepEqual(
      gone.runs.map((run: { run_id: string }) => run.run_id),
      ["one", "two"],
    );
    assert.equal(gone.bytes, gone.runs[0].bytes + gone.runs[1].bytes);
    assert.deepEqual(idsOf((await cli.run(["runs"])).stdout), ["open", "three"]);
    assert.equal((await cli.run(["show", "one"])).code, 2);
    assert.match((await cli.run(["run", "w.json", "--run-id", "one"])).stderr, /run one existed and was pruned at 20/);
    assert.doesNotMatch((await cli.run(["doctor"])).stdout, /journal +JOURNAL_DAMAGED|✗ .*row/);
  });
});

describe("a run", () => {
  it("is named by its id, by the beginning of it, or as the last one, in every command that is about one", async () => {
    const a = await cli.serve("a", () => "fine");
    cli.write("w.json", chain({ a: a.address }));
    for (const id of ["first", "second-1", "second-2"]) {
      assert.equal((await cli.run(["run", "w.json", "--run-id", id])).code, 0);
    }
    assert.match((await cli.run(["run", "w.json", "--run-id", "last"])).stderr, /"last" is no run id/);
    const shown = async (name: string) => JSON.parse((await cli.run(["show", name, "--json"])).stdout).run_id;
    assert.equal(await shown("f"), "first");
    assert.equal(await shown("last"), "second-2");
    const commands = [...LOOK, ...CONTROL, ...DRIVE].filter(({ positionals }) =>
      positionals.some(({ name }) => name === "RUN"),
    );
    assert.ok(commands.length >= 8);
    for (const { name } of commands) {
      const ambiguous = await cli.run([name, "sec"]);
      assert.equal(ambiguous.code, 2, name);
      assert.match(ambiguous.stderr, /is the beginning of several runs: second-1, second-2/, name);
      const found = await cli.run([name, "fir"]);
      assert.doesNotMatch(found.stderr, /there is no run/, name);
      const none = await cli.run([name, "third"]);
      assert.match(none.stderr, /there is no run "?third/, name);
    }
  });
});
