import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { after, before, describe, it } from "node:test";
import { createFakeExecutor, SUCCEEDED, untilAborted } from "../../src/testing/fake-executor.ts";
import { requireRestate } from "../../src/testing/restate/binary.ts";
import { workflowOf } from "../../src/testing/workflow-of.ts";
import { type Cli, createCli } from "../cli/harness.ts";
import { startCluster, type TestCluster } from "./use-cluster.ts";

interface Found {
  readonly ok: boolean;
  readonly checks: readonly {
    readonly check: string;
    readonly ok: boolean;
    readonly message: string;
    readonly run_id?: string;
  }[];
}

describe("busbar doctor of a cluster", { ...requireRestate(), timeout: 180_000 }, () => {
  let cluster: TestCluster;
  let cli: Cli;
  before(async () => {
    cluster = await startCluster({ nodes: 1 });
    cli = createCli();
  });
  after(async () => {
    await cli?.close();
    await cluster?.close();
  });

  async function examine(admin = cluster.admin): Promise<Found & { readonly code: number | null }> {
    const place = ["--runtime", "restate", "--ingress", cluster.ingress, "--admin", admin];
    const { code, stdout } = await cli.run(["doctor", "--json", ...place]);
    return { code, ...(JSON.parse(stdout) as Found) };
  }
  const messagesOf = ({ checks }: Found, check: string) =>
    checks.filter((one) => one.check === check).map(({ ok, message }) => `${ok} ${message}`);

  it("names what no worker serves, and what does not answer", async () => {
    const empty = await examine();
    assert.equal(empty.code, 31);
    assert.match(messagesOf(empty, "workers").join("\n"), /^false no worker serves BusbarRun, BusbarAttempt, /);
    assert.ok(empty.checks.some(({ message }) => message.endsWith(`\`busbar worker --admin ${cluster.admin}\``)));
    const away = await examine("http://127.0.0.1:1");
    assert.equal(away.code, 31);
    assert.match(messagesOf(away, "cluster").join("\n"), /false CLUSTER_UNREACHABLE: Restate's admin API at /);
  });

  it("tells of Restate, of workers, and which runs keep former ones from being taken away", async () => {
    const executor = createFakeExecutor(({ nodeId }, signal) => (nodeId === "slow" ? untilAborted(signal) : SUCCEEDED));
    const former = await cluster.startWorker(executor);
    await cluster.register(former.port);
    await cluster.runtime.start({ runId: "stays", definition: workflowOf("slow").definition });
    const { port } = await cluster.startWorker(executor);
    await cluster.register(port);
    const found = await examine();
    assert.equal(found.code, 0, JSON.stringify(found.checks, undefined, 1));
    assert.match(
      messagesOf(found, "cluster").join("\n"),
      /the ingress at .* is healthy\ntrue Restate 1\.\d+\.\d+, 1 node/,
    );
    const workers = messagesOf(found, "workers");
    assert.match(
      workers[0] ?? "",
      new RegExp(
        `^true workers at http://127.0.0.1:${port}/: answers, also without a signature.*; no run stays there$`,
      ),
    );
    assert.match(
      workers[1] ?? "",
      new RegExp(`^true former workers at http://127.0.0.1:${former.port}/: .*; 1 run there: stays; has to stay`),
    );
    await cluster.runtime.request({ runId: "stays", kind: "cancel", key: "c", by: "a test" });
    await cluster.runtime.wait("stays");
    assert.match(messagesOf(await examine(), "workers")[1] ?? "", /; no run stays there; may be taken away$/);
  });

  it("tells of two addresses that are of two clusters", async () => {
    const other = await startCluster({ nodes: 1 });
    try {
      const worker = await other.startWorker(createFakeExecutor(() => Promise.resolve(SUCCEEDED)));
      await other.register(worker.port);
      assert.doesNotMatch(messagesOf(await examine(other.admin), "cluster").join("\n"), /two clusters/);
      await other.runtime.start({ runId: "elsewhere", definition: workflowOf("a").definition });
      await other.runtime.wait("elsewhere");
      const found = await examine(other.admin);
      assert.equal(found.code, 31);
      assert.match(
        messagesOf(found, "cluster").join("\n"),
        /^false the ingress at \S+ does not know the newest run that the admin API at \S+ tells of: .*mend --ingress/m,
      );
    } finally {
      await other.close();
    }
  });

  it("names drives that fail again and again, with their runs", async () => {
    const gone = await cluster.startWorker(createFakeExecutor((_, signal) => untilAborted(signal)));
    await cluster.register(gone.port);
    await cluster.runtime.start({ runId: "stuck", definition: workflowOf("a").definition });
    await gone.close();
    let stuck: Found["checks"] = [];
    while (stuck.length === 0) stuck = (await examine()).checks.filter(({ check, ok }) => check === "drives" && !ok);
    for (const { message, run_id } of stuck) {
      assert.equal(run_id, "stuck");
      assert.match(
        message,
        /^its (drive|attempt) inv_\w+, since 2.*, failed \d+ times: .+; it is tried again by itself/s,
      );
    }
  });

  it("does not wait for workers before which something takes connections and closes them", async () => {
    const gone = await cluster.startWorker(createFakeExecutor(() => Promise.resolve(SUCCEEDED)));
    await cluster.register(gone.port);
    await gone.close();
    const closing = createServer((connection) => connection.end()).listen(gone.port, "127.0.0.1");
    await once(closing, "listening");
    try {
      assert.match(messagesOf(await examine(), "workers")[0] ?? "", /^true workers at .*: does not answer here, /);
    } finally {
      closing.close();
    }
  });
});
