// `busbar rerun`, end to end.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { type Cli, chain, createCli, jsonLines, nobodyDrives } from "./cli/harness.ts";

let cli: Cli;
let calls: string[];
let isBroken: boolean;
beforeEach(() => {
  cli = createCli();
  calls = [];
  isBroken = false;
});
afterEach(() => cli.close());

/** A workflow of three nodes, one after the other; the second fails while it is broken. Its params are paths. */
async function writeWorkflow(more: object = {}): Promise<void> {
  const service = await cli.serve("all", (request, { nodeId }) => {
    calls.push(`${nodeId} ${request.inputFile}`);
    if (nodeId === "b" && isBroken) throw new Error("broken");
    return `made by ${nodeId}`;
  });
  const { address } = service;
  const { containers, ...rest } = chain({ a: address, b: address, c: address }) as {
    containers: Record<string, object>;
  };
  cli.write("p.json", {
    ...rest,
    params: { day: { type: "integer", default: 1 }, title: { default: "Report" } },
    containers: {
      ...containers,
      b: { ...containers.b, input_file: "day-${params.day}" },
      c: { ...containers.c, input_file: "${params.title}" },
    },
    ...more,
  });
}

const viewOf = async (runId: string) => JSON.parse((await cli.run(["show", runId, "--json"])).stdout);

describe("busbar rerun", () => {
  it("runs again what did not succeed, in a run of its own, and exits as it does", async () => {
    isBroken = true;
    await writeWorkflow();
    assert.equal((await cli.run(["run", "p.json", "--run-id", "r1", "--param", "title=First"])).code, 1);
    calls = [];
    const failed = await cli.run(["rerun", "r1", "--run-id", "r2"]);
    assert.equal(failed.code, 1, failed.stderr);
    assert.match(
      failed.stderr,
      /run r2 {2}created from run r1\n.*a {2}kept from run r1: made by a\n.*run r2 {2}started\n.*b {2}started\n/,
    );
    isBroken = false;
    const { code, stdout, stderr } = await cli.run(["rerun", "r2", "--run-id", "r3", "--json", "--param", "day=2"]);
    assert.equal(code, 0, stderr);
    assert.deepEqual(calls, ["b day-1", "b day-2", "c First"]);
    const events = jsonLines(stdout);
    assert.deepEqual([events[0]?.source, events[1]?.reused_from, events.at(-1)?.type], ["r2", "r1", "run.succeeded"]);
    const { source, params, nodes } = await viewOf("r3");
    assert.deepEqual([source, params, nodes[0].reused_from], ["r2", { day: 2, title: "First" }, "r1"]);
    assert.match(
      (await cli.run(["show", "r3"])).stdout,
      /source +r2\n[\s\S]*a +succeeded +kept from run r1: made by a/,
    );
    assert.equal((await cli.run(["doctor"])).code, 0);
  });

  it("begins with the nodes that are named, also of a run that succeeded", async () => {
    await writeWorkflow();
    assert.equal((await cli.run(["run", "p.json", "--run-id", "r1"])).code, 0);
    calls = [];
    const args = ["rerun", "r1", "--from", "c", "--param", "title=Draft", "--log-format", "json"];
    const { code, stderr } = await cli.run(args);
    assert.equal(code, 0, stderr);
    assert.deepEqual(calls, ["c Draft"]);
    const messages = stderr.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line).message]));
    assert.match(messages[0], /^run \S+ created from run r1$/);
    assert.deepEqual(messages.slice(1, 3), ["node kept from run r1", "node kept from run r1"]);
  });

  it("goes on in the background with --detach", async () => {
    await writeWorkflow();
    assert.equal((await cli.run(["run", "p.json", "--run-id", "r1"])).code, 0);
    const { code, stdout, stderr } = await cli.run(["rerun", "r1", "--from", "b", "--run-id", "r2", "--detach"]);
    assert.deepEqual([code, stdout], [0, "r2\n"], stderr);
    assert.equal((await cli.run(["watch", "r2"])).code, 0);
    await nobodyDrives(cli);
    assert.equal((await viewOf("r2")).source, "r1");
  });

  it("takes a changed file, and says where one has changed that it does not take", async () => {
    isBroken = true;
    await writeWorkflow();
    assert.equal((await cli.run(["run", "p.json", "--run-id", "r1"])).code, 1);
    isBroken = false;
    await writeWorkflow({
      workflow_name: "mended",
      params: { day: { type: "integer", default: 7 }, title: { default: "x" } },
    });
    const kept = await cli.run(["rerun", "r1", "--run-id", "r2"]);
    assert.equal(kept.code, 0, kept.stderr);
    assert.match(kept.stderr, /p\.json has changed since .* To use the file: busbar rerun r1 --file \S*p\.json\n/);
    cli.write("policy.json", {});
    const given = ["--param", "day=2", "--param", "title=Two words", "--policy", "policy.json"];
    const differs = await cli.run(["rerun", "r1", "--run-id", "r4", "--from", "b", ...given]);
    assert.equal(differs.code, 0, differs.stderr);
    assert.match(
      differs.stderr,
      /busbar rerun r1 --from b --param day=2 --param 'title=Two words' --file \S*p\.json --policy policy\.json\n/,
    );
    const taken = await cli.run(["rerun", "r1", "--run-id", "r3", "--file", "p.json"]);
    assert.equal(taken.code, 0, taken.stderr);
    const { workflow, params } = await viewOf("r3");
    assert.deepEqual([workflow, params], ["mended", { day: 1, title: "Report" }]);
  });

  it("is refused, with the reason, and makes no run", async () => {
    await writeWorkflow();
    assert.equal((await cli.run(["run", "p.json", "--run-id", "r1"])).code, 0);
    const refusals: readonly (readonly [code: number, says: RegExp, ...args: readonly string[]])[] = [
      [2, /^RERUN_NOTHING: every node of run r1 has succeeded: .*follow from a\)/, "r1"],
      [2, /^RERUN_NODE_UNKNOWN: .*no node "d"/, "r1", "--from", "d"],
      [
        18,
        /^RERUN_DIFFERS: .*"b": its input_file was "day-1" and is now "day-2"/,
        "r1",
        "--from",
        "c",
        "--param",
        "day=2",
      ],
      [14, /^PARAM_UNKNOWN: /, "r1", "--from", "b", "--param", "dya=2"],
      [14, /^PARAM_INVALID: .*day/, "r1", "--from", "b", "--param", "day=two"],
      [2, /^USAGE: --param is NAME=VALUE/, "r1", "--from", "b", "--param", "day"],
      [2, /^RUN_EXISTS: /, "r1", "--from", "b", "--run-id", "r1"],
      [2, /^RUN_NOT_FOUND: /, "r0"],
      [2, /^RUN_NOT_FOUND: /, "r1", "--state-dir", "none"],
    ];
    for (const [code, says, ...args] of refusals) {
      const ended = await cli.run(["rerun", ...args]);
      assert.equal(ended.code, code, ended.stderr);
      assert.match(ended.stderr, says);
    }
    assert.equal(JSON.parse((await cli.run(["runs", "--json"])).stdout).length, 1);
    assert.ok(!existsSync(join(cli.folder, "none")));
  });
});
