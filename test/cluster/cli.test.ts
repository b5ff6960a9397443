// The command line with --runtime restate, and `busbar worker`: real servers, real processes.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { requireRestate } from "../../src/testing/restate/binary.ts";
import { type RestateServers, startRestate } from "../../src/testing/restate/servers.ts";
import { type Cli, chain, createCli, jsonLines, type Running } from "../cli/harness.ts";

describe("the command line with --runtime restate", requireRestate(), () => {
  let servers: RestateServers;
  let cli: Cli;
  let worker: Running;
  let place: readonly string[];
  before(async () => {
    servers = await startRestate({ nodes: 1 });
    cli = createCli();
    place = ["--runtime", "restate", "--ingress", servers.ingress, "--admin", servers.admin];
    worker = cli.start(["worker", "--listen", "127.0.0.1:0", "--admin", servers.admin]);
    await worker.shows("READY http://127.0.0.1:");
  });
  after(async () => {
    worker?.child.kill("SIGTERM");
    await worker?.ended;
    await cli?.close();
    await servers?.close();
  });

  it("runs a file as here: events on stdout, the way it goes on stderr", async () => {
    const { address } = await cli.serve("a", () => "fine");
    cli.write("two.json", chain({ a: address, b: address }));
    const ended = await cli.run(["run", "two.json", "--run-id", "r1", "--json", ...place]);
    assert.equal(ended.code, 0, ended.stderr);
    const types = jsonLines(ended.stdout).map(({ type }) => type);
    assert.deepEqual(types.slice(0, 3), ["run.created", "run.started", "node.started"]);
    assert.equal(types.at(-1), "run.succeeded");
    const shown = await cli.run(["show", "r1", ...place]);
    assert.match(shown.stdout, /^status +succeeded$/m);
    const again = await cli.run(["watch", "r1", ...place]);
    assert.equal(again.code, 0);
    assert.match(again.stderr, /run r1 succeeded/);
    assert.match((await cli.run(["runs", ...place])).stdout, /^r1 .*succeeded/m);
  });
});
