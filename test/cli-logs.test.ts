// busbar logs, end to end: runs made by the command line, their logs written as executors write them.
import assert from "node:assert/strict";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { createRunLogs } from "../src/adapters/run-logs/run-logs.ts";
import { createSteppingClock } from "../src/kernel/clock.ts";
import { createSecrets } from "../src/kernel/secrets.ts";
import type { AttemptLog } from "../src/ports/run-logs.ts";
import { type Cli, chain, createCli, jsonLines } from "./cli/harness.ts";

let cli: Cli;
beforeEach(() => {
  cli = createCli();
});
afterEach(() => cli.close());

/** Each log is a millisecond younger than the one before. */
const clock = createSteppingClock();

function openLog(runId: string, nodeId: string, attempt = 1): AttemptLog {
  clock.advance(1);
  const logs = createRunLogs({
    folder: join(cli.folder, ".busbar", "run-logs"),
    clock,
    secrets: createSecrets(() => undefined),
    onTrouble: assert.ifError,
  });
  return logs.open(runId, { nodeId, attempt });
}

/** A run `r1` of fetch, which succeeded, clean, which failed, and report, which was skipped. */
async function failedRun(): Promise<void> {
  const good = await cli.serve("good", () => "fine");
  const bad = await cli.serve("bad", () => {
    throw new Error("no");
  });
  cli.write("p.json", chain({ fetch: good.address, clean: bad.address, report: good.address }));
  assert.equal((await cli.run(["run", "p.json", "--run-id", "r1"])).code, 1);
}

/** A run `r1` of one node that lasts until `release`. */
async function slowRun() {
  const { promise, resolve: release } = Promise.withResolvers<string>();
  const service = await cli.serve("slow", () => promise);
  cli.write("p.json", chain({ fetch: service.address }));
  const running = cli.start(["run", "p.json", "--run-id", "r1"]);
  await running.shows("started");
  await running.shows("fetch");
  return { running, release: () => release("done") };
}

describe("busbar logs", () => {
  it("prints the lines of one node alone, of several with whose they are, of the last attempt or others", async () => {
    await failedRun();
    const first = openLog("r1", "fetch");
    first.write("stdout", "gone wrong\n");
    first.end();
    const fetch = openLog("r1", "fetch", 2);
    fetch.write("busbar", "docker create --name=x\n");
    fetch.write("stdout", "one\ttab\n\u001b[31mred\u001b[0m\nrest");
    fetch.end();
    const clean = openLog("r1", "clean");
    clean.write("stderr", "oh\n\n");
    clean.end();
    const text = async (...args: string[]) => {
      const { code, stdout, stderr } = await cli.run(["logs", "r1", ...args]);
      assert.deepEqual([code, stderr], [0, ""]);
      return stdout;
    };
    assert.equal(await text("fetch"), "» docker create --name=x\none\ttab\n\u001b[31mred\u001b[0m\nrest\n");
    assert.equal(await text("fetch", "--attempt", "1"), "gone wrong\n");
    assert.equal(await text("fetch", "--tail", "1"), "rest\n");
    assert.equal(await text("fetch", "--tail", "0"), "");
    assert.match(await text("fetch", "--attempt", "all"), /^#1 \| gone wrong\n#2 » docker/);
    assert.equal(
      await text(),
      "fetch  » docker create --name=x\nfetch  | one\ttab\nfetch  | \u001b[31mred\u001b[0m\nfetch  | rest\n" +
        "clean  ! oh\nclean  ! \n",
    );
    assert.match(await text("clean", "--timestamps"), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z oh\n/);
    const json = jsonLines(await text("--json", "--attempt", "all"));
    assert.deepEqual(
      json.map(({ node_id, attempt, stream, text }) => [node_id, attempt, stream, text]),
      [
        ["fetch", 1, "stdout", "gone wrong"],
        ["fetch", 2, "busbar", "docker create --name=x"],
        ["fetch", 2, "stdout", "one\ttab"],
        ["fetch", 2, "stdout", "\u001b[31mred\u001b[0m"],
        ["fetch", 2, "stdout", "rest"],
        ["clean", 1, "stderr", "oh"],
        ["clean", 1, "stderr", ""],
      ],
    );
  });

  it("says why there is nothing", async () => {
    await failedRun();
    const said = async (...args: string[]) => {
      const { code, stdout, stderr } = await cli.run(["logs", ...args]);
      assert.deepEqual([code, stdout], [0, ""]);
      return stderr;
    };
    assert.match(
      await said("r1"),
      /^no node of run r1 has written anything: services keep their own log; .*`busbar show r1`\n$/,
    );
    assert.match(
      await said("r1", "clean"),
      /^clean has written nothing here: its service keeps its own log; .*`busbar show r1`\n$/,
    );
    assert.equal(await said("r1", "report"), "report was skipped: clean did not succeed\n");
    assert.equal(await said("r1", "fetch", "--attempt", "3"), "fetch has made no attempt 3; its last one is 1\n");
    assert.match(await said("r1", "report", "--follow"), /^report was skipped/);
  });

  it("refuses what is not there, with 2 and what was probably meant", async () => {
    const none = await cli.run(["logs", "r1"]);
    assert.equal(none.code, 2);
    assert.match(none.stderr, /^RUN_NOT_FOUND: /);
    await failedRun();
    const cases: readonly (readonly [args: readonly string[], message: RegExp])[] = [
      [["r1", "fetsh"], /run r1 has no node "fetsh"\. Did you mean "fetch"\?/],
      [["r1", "other"], /run r1 has no node "other"\. Its nodes: fetch, clean, report\./],
      [["r1", "--attempt", "last"], /--attempt is a number from 1 on, or all, not "last"/],
      [["r1", "--tail", "few"], /--tail is a whole number/],
      [[], /RUN is missing/],
    ];
    for (const [args, message] of cases) {
      const { code, stdout, stderr } = await cli.run(["logs", ...args]);
      assert.deepEqual([code, stdout], [2, ""], stderr);
      assert.match(stderr, message);
    }
  });

  it("follows a run to its end, with all that was written by then", async () => {
    const { running, release } = await slowRun();
    const log = openLog("r1", "fetch");
    log.write("stdout", "old\nearly\n");
    const following = cli.start(["logs", "r1", "--follow", "--tail", "1"]);
    await following.shows("early\n");
    log.write("stderr", "meanwhile\n");
    await following.shows("meanwhile\n");
    log.write("stdout", "at the end");
    release();
    assert.equal((await running.ended).code, 0);
    log.end();
    const { code, stdout, stderr } = await following.ended;
    assert.deepEqual([code, stderr], [0, ""]);
    assert.equal(stdout, "fetch | early\nfetch ! meanwhile\nfetch | at the end\n");
  });

  it("stops following where the run's process is gone", async () => {
    const { running, release } = await slowRun();
    const following = cli.start(["logs", "r1", "--follow", "fetch"]);
    const log = openLog("r1", "fetch");
    log.write("stdout", "one\nno end");
    await following.shows("one\n");
    running.child.kill("SIGKILL");
    await running.ended;
    release();
    assert.deepEqual(await following.ended, { code: 0, stdout: "one\nno end\n", stderr: "" });
    log.end();
  });

  it("ends with 130 on Ctrl-C", { skip: process.platform === "win32" }, async () => {
    const { running, release } = await slowRun();
    const log = openLog("r1", "fetch");
    log.write("stdout", "one\n");
    const following = cli.start(["logs", "r1", "--follow"]);
    await following.shows("one\n");
    following.child.kill("SIGINT");
    assert.deepEqual(await following.ended, { code: 130, stdout: "fetch | one\n", stderr: "" });
    release();
    assert.equal((await running.ended).code, 0);
    log.end();
  });

  it("ends quietly when the reader goes away", async () => {
    await failedRun();
    const log = openLog("r1", "fetch");
    log.write("stdout", `${"x".repeat(99)}\n`.repeat(40_000));
    log.end();
    const printing = cli.start(["logs", "r1"]);
    await printing.shows("fetch  | x");
    printing.child.stdout.destroy();
    const { code, stderr } = await printing.ended;
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  });
});
