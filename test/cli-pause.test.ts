// `busbar pause` and `busbar unpause`, end to end.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { type Cli, chain, createCli, jsonLines } from "./cli/harness.ts";

let cli: Cli;
beforeEach(() => {
  cli = createCli();
});
afterEach(() => cli.close());

/** A run of two nodes, whose calls last until they are let go. */
async function heldRun(args: readonly string[] = [], shown = "a  started") {
  const gates = { a: Promise.withResolvers<string>(), b: Promise.withResolvers<string>() };
  const serve = (node: "a" | "b") =>
    cli.serve(node, (_, { signal }) => {
      const aborted = new Promise<string>((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(new Error("cancelled")));
      });
      return Promise.race([gates[node].promise, aborted]);
    });
  cli.write("p.json", chain({ a: (await serve("a")).address, b: (await serve("b")).address }));
  const running = cli.start(["run", "p.json", "--run-id", "r1", ...args]);
  await running.shows(shown);
  const letGo = (...nodes: readonly ("a" | "b")[]): void => {
    for (const node of nodes) gates[node].resolve("done");
  };
  return { running, letGo };
}

const viewOf = async (runId: string) => JSON.parse((await cli.run(["show", runId, "--json"])).stdout);
const succeeds = async (...args: readonly string[]): Promise<string> => {
  const { code, stdout, stderr } = await cli.run(args);
  assert.equal(code, 0, stderr);
  return stdout + stderr;
};

describe("busbar pause", () => {
  it("holds back what would start, and `run` stays and says so, until `unpause` lets it go on", async () => {
    const { running, letGo } = await heldRun();
    assert.equal(
      await succeeds("pause", "r1"),
      "run r1 is paused; 1 outstanding attempt goes on to the end. Next: busbar unpause r1\n",
    );
    await running.shows("run r1 paused: nothing more starts until busbar unpause r1\n");
    letGo("a");
    await running.shows("a  succeeded");
    assert.equal(await succeeds("pause", "r1"), "run r1 is paused. Next: busbar unpause r1\n");
    const { status, paused, nodes } = await viewOf("r1");
    assert.deepEqual([status, paused, nodes[1].status], ["running", true, "pending"]);
    const [listed] = JSON.parse(await succeeds("runs", "--json"));
    assert.equal(listed.paused, true);
    assert.match(await succeeds("runs"), /r1 .*running \(paused\).*busbar unpause r1/);
    assert.match(await succeeds("show", "r1"), /status +running \(paused\)\n[\s\S]*Next: busbar unpause r1\n$/);
    assert.equal(running.child.exitCode, null);
    assert.equal(await succeeds("unpause", "r1"), "run r1 goes on\n");
    letGo("b");
    const { code, stderr } = await running.ended;
    assert.equal(code, 0, stderr);
    assert.match(stderr, /run r1 {2}paused by [\s\S]*a {2}succeeded [\s\S]*run r1 {2}unpaused by [\s\S]*b {2}started/);
  });

  it("is told as an event and as a log line, and nothing else", async () => {
    const { running, letGo } = await heldRun(["--json", "--log-format", "json"], '"node.started"');
    await succeeds("pause", "r1");
    await succeeds("unpause", "r1");
    letGo("a", "b");
    const { code, stdout, stderr } = await running.ended;
    assert.equal(code, 0, stderr);
    const types = jsonLines(stdout).map(({ type }) => type);
    assert.ok(types.indexOf("run.unpaused") > types.indexOf("run.paused"), types.join());
    const messages = stderr.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line).message]));
    assert.ok(
      messages.some((message) => /^run r1 paused by /.test(message)),
      stderr,
    );
    assert.ok(
      messages.some((message) => /^run r1 unpaused by /.test(message)),
      stderr,
    );
  });

  it("leaves the run to a cancel", async () => {
    const { running } = await heldRun();
    await succeeds("pause", "r1");
    await succeeds("cancel", "r1");
    assert.equal((await running.ended).code, 130);
    assert.equal((await viewOf("r1")).paused, false);
  });

  it("is recorded of a run that nobody drives, which `resume` unpauses", async () => {
    const { running, letGo } = await heldRun();
    running.child.kill("SIGKILL");
    await running.ended;
    const left = "run r1 is paused, and nobody drives it. Next: busbar resume r1\n";
    assert.equal(await succeeds("pause", "r1"), left);
    assert.equal(await succeeds("pause", "r1"), left);
    const { paused, owner, nodes, last_seq } = await viewOf("r1");
    assert.deepEqual([paused, owner.alive, nodes[0].status, last_seq], [true, false, "running", 4]);
    assert.match(await succeeds("runs"), /r1 .*running \(interrupted, paused\).*busbar resume r1/);
    const unpaused = "run r1 is paused no more, but nobody drives it. Next: busbar resume r1\n";
    assert.equal(await succeeds("unpause", "r1"), unpaused);
    assert.equal(await succeeds("pause", "r1"), left);
    letGo("a", "b");
    assert.match(
      await succeeds("resume", "r1"),
      /resumed [\s\S]*unpaused by [\s\S]*a {2}started \(attempt 2\)[\s\S]*✓ run r1/,
    );
    assert.equal((await cli.run(["doctor"])).code, 0);
  });

  it("is refused with exit code 2 where the run has ended, is not there, or is not paused", async () => {
    const { running, letGo } = await heldRun();
    const wrong = await cli.run(["unpause", "r1"]);
    assert.deepEqual([wrong.code, wrong.stderr.split(":")[0]], [2, "RUN_NOT_PAUSED"], wrong.stderr);
    letGo("a", "b");
    await running.ended;
    for (const verb of ["pause", "unpause"]) {
      const ended = await cli.run([verb, "r1"]);
      assert.equal(ended.code, 2);
      assert.match(ended.stderr, /^RUN_ALREADY_ENDED: run r1 has ended: succeeded/);
      const unknown = await cli.run([verb, "r2", "--state-dir", "none"]);
      assert.equal(unknown.code, 2);
      assert.match(unknown.stderr, /^RUN_NOT_FOUND: /);
    }
    assert.ok(!existsSync(join(cli.folder, "none")));
  });
});
