// The command line with --runtime restate: it does and prints what it does on a state directory (docs/guides/cluster.md).
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { after, before, describe, it } from "node:test";
import { requireRestate } from "../../src/testing/restate/binary.ts";
import { type RestateServers, startRestate } from "../../src/testing/restate/servers.ts";
import { type Cli, chain, createCli, type Ended, jsonLines, type Running } from "../cli/harness.ts";
import { withoutTimes } from "../cli/without-times.ts";

/** How it is told that something else answers at one of the two addresses. */
const IS_NOT = {
  ingress: /^CLUSTER_FAILED: what answers at http:\S+ is not Restate's ingress .*: mend --ingress /,
  admin: /^CLUSTER_FAILED: what answers at http:\S+ is not Restate's admin API .*: mend --admin /,
};

describe("the command line with --runtime restate", { ...requireRestate(), timeout: 240_000 }, () => {
  let servers: RestateServers;
  let cli: Cli;
  let worker: Running;
  let place: readonly string[];
  before(async () => {
    servers = await startRestate({ nodes: 1 });
    cli = createCli();
    place = ["--runtime", "restate", "--ingress", servers.ingress, "--admin", servers.admin];
    worker = cli.start(["worker", "--listen", "127.0.0.1:0", "--admin", servers.admin], { GIVEN: "s3cret-value" });
    await worker.shows("READY http://127.0.0.1:");
  });
  after(async () => {
    worker?.child.kill("SIGTERM");
    await worker?.ended;
    await cli?.close();
    await servers?.close();
  });

  const on = (...args: readonly string[]) => cli.run([...args, ...place]);
  const start = (...args: readonly string[]) => cli.start([...args, ...place]);

  /** A service for each node, which answers when it is let go. */
  async function held(file: string, ...nodes: readonly string[]) {
    const gates = new Map(nodes.map((node) => [node, Promise.withResolvers<string>()]));
    const called = new Map(nodes.map((node) => [node, Promise.withResolvers<void>()]));
    const addresses: Record<string, string> = {};
    for (const node of nodes) {
      const service = await cli.serve(node, (_, { signal }) => {
        called.get(node)?.resolve();
        const aborted = new Promise<string>((_resolve, reject) => {
          signal.addEventListener("abort", () => reject(new Error("cancelled")));
        });
        return Promise.race([gates.get(node)?.promise ?? "", aborted]);
      });
      addresses[node] = service.address;
    }
    cli.write(file, chain(addresses));
    return {
      called: (node: string) => called.get(node)?.promise,
      letGo: (node: string): void => gates.get(node)?.resolve("done"),
    };
  }

  /** A run of fetch, which succeeds, clean, which fails, and report. */
  async function writeFailing() {
    const good = await cli.serve("good", () => "fine");
    const bad = await cli.serve("bad", () => {
      throw new Error("no");
    });
    const addresses = { fetch: good.address, clean: bad.address, report: good.address };
    const params = { title: { type: "string", default: "Final" } };
    cli.write("bad.json", chain(addresses, { params }));
    cli.write("dead.json", chain({ fetch: "127.0.0.1:1", clean: good.address }));
    cli.write("good.json", chain({ ...addresses, clean: good.address }, { params }));
    cli.write(
      "limited.json",
      chain(
        { ...addresses },
        { service_registry: { ...addresses, fetch: { address: good.address, max_concurrency: 2 } } },
      ),
    );
    cli.write("other.json", {
      ...chain({ ...addresses, clean: good.address }),
      ...{
        containers: { fetch: { input_file: "else", output_file: "fetch.out", next_node: null } },
        start_node: "fetch",
      },
    });
  }

  /** Without what differs by the place alone. */
  const plain = (ended: Ended): Ended => {
    const strip = (text: string): string =>
      text
        .replaceAll(` ${place.join(" ")}`, "")
        .replaceAll(`the cluster at ${servers.ingress}`, "PLACE")
        .replaceAll(`${cli.folder}/.busbar`, "PLACE");
    return withoutTimes({ ...ended, stdout: strip(ended.stdout), stderr: strip(ended.stderr) });
  };

  it("prints of a run what it prints of one on a state directory, and exits the same", async () => {
    await writeFailing();
    assert.deepEqual(plain(await on("runs")), { code: 0, stdout: "", stderr: "no runs on PLACE\n" });
    const remote = await on("run", "bad.json", "--run-id", "r1");
    assert.equal(remote.code, 1, remote.stderr);
    assert.match(remote.stderr, /busbar resume r1 --runtime restate --ingress http:\S+ --admin http:\S+, or/m);
    assert.deepEqual(plain(remote), plain(await cli.run(["run", "bad.json", "--run-id", "r1"])));
    for (const args of [
      ["show", "r1"],
      ["show", "last"],
      ["explain", "r"],
      ["explain", "r1", "--json"],
      ["runs"],
      ["runs", "--status", "succeeded"],
      ["runs", "--workflow", "chain", "--since", "1d", "--limit", "1"],
      ["runs", "--interrupted", "--json"],
      ["events", "r1"],
      ["events", "r1", "--follow"],
      ["events", "--all"],
      ["watch", "r1"],
      ["logs", "r1"],
      ["logs", "r1", "fetch", "--json", "--follow"],
      ["logs", "r1", "none"],
      ["cancel", "r1"],
      ["pause", "r1"],
      ["unpause", "r1"],
      ["rerun", "r1", "--from", "nobody"],
      ["resume", "r1", "--file", "other.json"],
      ["run", "good.json", "--run-id", "r1"],
      ["run", "good.json", "--run-id", "../r"],
      ["run", "good.json", "--param", "x=1"],
      ["run", "none.json"],
      ["run", "good.json", "--priority", "1"],
      ["show", "nobody"],
      ["run", "dead.json", "--run-id", "r0"],
      ["show", "r0"],
    ]) {
      assert.deepEqual(plain(await on(...args)), plain(await cli.run(args)), args.join(" "));
    }
    const limited = await on("run", "limited.json");
    assert.equal(limited.code, 18, limited.stderr);
    assert.match(limited.stderr, /^CLUSTER_NO_LIMITS: .*max_concurrency/);
  });

  it("runs with params, and prints events on stdout", async () => {
    await writeFailing();
    const ended = await on("run", "good.json", "--run-id", "r2", "--json", "--param", "title=Draft");
    assert.equal(ended.code, 0, ended.stderr);
    const types = jsonLines(ended.stdout).map(({ type }) => type);
    assert.deepEqual(types.slice(0, 3), ["run.created", "run.started", "node.started"]);
    assert.equal(types.at(-1), "run.succeeded");
    assert.deepEqual(JSON.parse((await on("show", "r2", "--json")).stdout).params, { title: "Draft" });
  });

  it("goes on with a failed run and another file, and makes a new run of one", async () => {
    await writeFailing();
    assert.equal((await on("run", "bad.json", "--run-id", "r3")).code, 1);
    const resumed = await on("resume", "r3", "--file", "good.json", "--no-next");
    assert.equal(resumed.code, 0, resumed.stderr);
    const shown = JSON.parse((await on("show", "r3", "--json")).stdout);
    assert.deepEqual(
      shown.nodes.map((node: { status: string; attempts: readonly unknown[] }) => [node.status, node.attempts.length]),
      [
        ["succeeded", 1],
        ["succeeded", 2],
        ["succeeded", 1],
      ],
    );
    const rerun = await on("rerun", "r3", "--from", "report", "--run-id", "r4");
    assert.equal(rerun.code, 0, rerun.stderr);
    const made = JSON.parse((await on("show", "r4", "--json")).stdout);
    assert.equal(made.status, "succeeded");
    assert.deepEqual(
      made.nodes.map((node: { attempts: readonly unknown[] }) => node.attempts.length),
      [0, 0, 1],
    );
  });

  it("leaves a run to the cluster with --detach, which is paused, let go on and watched from elsewhere", async () => {
    const { called, letGo } = await held("detached.json", "a", "b");
    const detached = await on("run", "detached.json", "--detach");
    const id = detached.stdout.trim();
    assert.equal(detached.code, 0, detached.stderr);
    assert.match(
      detached.stderr,
      new RegExp(`^run ${id} goes on on the cluster at ${servers.ingress}. Next: busbar watch ${id} --runtime`),
    );
    await called("a");
    const paused = await on("pause", id);
    assert.equal(paused.code, 0, paused.stderr);
    assert.match(paused.stderr, /is paused; 1 outstanding attempt goes on to the end/);
    const watching = start("watch", id);
    await watching.shows("paused");
    letGo("a");
    letGo("b");
    assert.equal((await on("unpause", id)).code, 0);
    const ended = await watching.ended;
    assert.equal(ended.code, 0, ended.stderr);
    assert.match(ended.stderr, /succeeded/);
  });

  it("cancels the run by the first Ctrl-C, and leaves it to the cluster by the second", async () => {
    const { called } = await held("held.json", "a");
    const running = start("run", "held.json", "--run-id", "r5");
    await called("a");
    running.child.kill("SIGINT");
    const ended = await running.ended;
    assert.equal(ended.code, 130, ended.stderr);
    assert.match(ended.stderr, /SIGINT: cancelling/);
    assert.match((await on("show", "r5")).stdout, /^status +cancelled$/m);
    // Nobody answers the request: the worker is stopped.
    const again = await held("again.json", "a");
    const left = start("run", "again.json", "--run-id", "r6");
    await again.called("a");
    worker.child.kill("SIGSTOP");
    left.child.kill("SIGINT");
    await left.shows("SIGINT: cancelling");
    left.child.kill("SIGINT");
    const { code, stderr } = await left.ended;
    worker.child.kill("SIGCONT");
    assert.equal(code, 130);
    assert.match(stderr, /run r6 goes on there. Next: busbar show r6 --runtime restate/);
    again.letGo("a");
    await on("cancel", "r6");
    assert.match((await on("runs")).stdout, /^r6 +chain +(cancelled|succeeded) /m);
  });

  it("exits with 39 where nothing answers at an address, and says which", async () => {
    const gone = createServer().listen(0, "127.0.0.1");
    await once(gone, "listening");
    const { port } = gone.address() as AddressInfo;
    gone.close();
    await once(gone, "close");
    const nowhere = `http://127.0.0.1:${port}`;
    await writeFailing();
    for (const args of [
      ["run", "good.json"],
      ["show", "r1"],
      ["cancel", "r1"],
      ["resume", "r1"],
      ["events", "r1"],
    ]) {
      const { code, stdout, stderr } = await cli.run([...args, ...place.with(3, nowhere)]);
      assert.deepEqual([code, stdout], [39, ""], stderr);
      assert.match(
        stderr,
        new RegExp(
          `^CLUSTER_UNREACHABLE: Restate's ingress at ${nowhere} cannot be reached: .*\n.*mend --ingress .*\n$`,
        ),
      );
    }
    const runs = await cli.run(["runs", ...place.with(5, nowhere)]);
    assert.equal(runs.code, 39, runs.stderr);
    assert.match(runs.stderr, new RegExp(`^CLUSTER_UNREACHABLE: Restate's admin API at ${nowhere} cannot`));
  });

  it("says of an address where something else answers that it is not Restate's, and which option to mend", async () => {
    const { ingress, admin } = servers;
    await writeFailing();
    for (const [status, text] of [
      [200, "<!doctype html>"],
      [200, "{}"],
      [404, "no such page"],
    ] as const) {
      const other = createHttpServer((_request, response) => response.writeHead(status).end(text)).listen(
        0,
        "127.0.0.1",
      );
      await once(other, "listening");
      const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
      try {
        await refuses("ingress", ["run", "good.json"], url, admin);
        await refuses("admin", ["runs"], ingress, url);
        const { code, stderr } = await cli.run([
          "worker",
          "register",
          "--admin",
          url,
          "--advertise",
          "http://127.0.0.1:1",
        ]);
        assert.equal(code, 39, stderr);
        assert.match(stderr, IS_NOT.admin);
        const { code: found, stdout } = await cli.run([
          "doctor",
          "--runtime",
          "restate",
          "--ingress",
          url,
          "--admin",
          url,
        ]);
        assert.equal(found, 31, stdout);
        assert.match(
          stdout,
          /✗ CLUSTER_FAILED: .* not Restate's ingress .*\n✗ CLUSTER_FAILED: .* not Restate's admin API /,
        );
      } finally {
        other.close();
        other.closeAllConnections();
      }
    }
    await refuses("ingress", ["run", "good.json"], admin, ingress);
    await refuses("admin", ["runs"], admin, ingress);

    async function refuses(role: keyof typeof IS_NOT, args: readonly string[], at: string, adminAt: string) {
      const place = ["--runtime", "restate", "--ingress", at, "--admin", adminAt];
      const { code, stdout, stderr } = await cli.run([...args, ...place]);
      assert.deepEqual([code, stdout], [39, ""], stderr);
      assert.match(stderr, IS_NOT[role]);
    }
  });

  it("is told by variables too, where no option says another place, and refuses two places at once", async () => {
    const { ingress, admin } = servers;
    const env = { BUSBAR_RUNTIME: "restate", BUSBAR_INGRESS: ingress, BUSBAR_ADMIN: admin };
    await writeFailing();
    assert.equal((await cli.run(["run", "good.json", "--run-id", "r7"], env)).code, 0);
    assert.match((await cli.run(["show", "r7"], env)).stdout, /^status +succeeded$/m);
    for (const args of [
      ["--state-dir", ".busbar"],
      ["--runtime", "local"],
    ]) {
      assert.match((await cli.run(["show", "r7", ...args], env)).stderr, /^RUN_NOT_FOUND/, args.join(" "));
    }
    const cluster = ["--runtime", "restate"];
    for (const [args, says, more = {}] of [
      [cluster, /^USAGE: where is the cluster\? Give --ingress \(BUSBAR_INGRESS\), .* and --admin \(BUSBAR_ADMIN\), /],
      [cluster, /^USAGE: where is the cluster\? Give --admin/, { BUSBAR_INGRESS: ingress }],
      [["--ingress", ingress], /^USAGE: --ingress is of a cluster: give --runtime restate too/],
      [[...place, "--server", "http://127.0.0.1:1"], /^USAGE: --server and --runtime restate name two places/],
      [[...place, "--state-dir", "s"], /^USAGE: --state-dir says nothing to a cluster/],
      [[...place, "--token-file", "s"], /^USAGE: --token-file says nothing to a cluster/],
      [[...place, "--allow-remote-state"], /^USAGE: --allow-remote-state says nothing to a cluster/],
      [["--runtime", "cloud"], /^USAGE: --runtime is one of local, restate/],
      [[], /^USAGE: BUSBAR_RUNTIME is one of local, restate, not cloud/, { BUSBAR_RUNTIME: "cloud" }],
      [[], /^USAGE: BUSBAR_SERVER and BUSBAR_RUNTIME=restate name two/, { ...env, BUSBAR_SERVER: "http://s" }],
      [place.with(3, "https://r:1"), /^USAGE: the address of Restate's ingress, https:\/\/r:1 has https/],
      [place.with(5, "nowhere"), /^USAGE: the address of Restate's admin API, nowhere is no URL/],
    ] as const) {
      for (const command of [["runs"], ["run", "good.json"], ["run", "good.json", "--detach"]]) {
        const { code, stderr } = await cli.run([...command, ...args], more);
        assert.equal(code, 2, stderr);
        assert.match(stderr, says);
      }
    }
    for (const command of [["logs", "r7"], ["serve"]]) {
      const { code, stderr } = await cli.run([...command, "--logs-dir", "logs"]);
      assert.equal(code, 2, stderr);
      assert.match(stderr, /^USAGE: --logs-dir is of a cluster: give --runtime restate too/);
    }
  });

  it("holds a file against --policy before it is submitted", async () => {
    await writeFailing();
    cli.write("policy.json", { grpc: { addresses: ["10.0.0.0/8"] } });
    const here = await cli.run(["run", "good.json", "--policy", "policy.json"]);
    assert.notEqual(here.code, 0);
    assert.deepEqual(await on("run", "good.json", "--policy", "policy.json"), here);
  });
});
