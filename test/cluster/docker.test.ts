// Docker nodes of a cluster: workers in processes of their own, on one real engine.

import assert from "node:assert/strict";
import { hostname } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import { setTimeout } from "node:timers/promises";
import { ATTEMPT_SERVICE } from "../../src/adapters/restate/names.ts";
import { listContainers, removeContainers } from "../../src/testing/docker/containers.ts";
import { requireDocker } from "../../src/testing/docker/engine.ts";
import { requireRestate } from "../../src/testing/restate/binary.ts";
import { type RestateServers, startRestate } from "../../src/testing/restate/servers.ts";
import { until } from "../../src/testing/until.ts";
import { jsonLines, type Running } from "../cli/harness.ts";
import { useDocker } from "../containers/docker-suite.ts";
import { startServer } from "../serve/server-process.ts";

const peer = requireDocker();
const skip = requireRestate().skip || peer.skip;

/** Of a container that goes on until the test lets it. */
const WAITS = "echo begun >> /data/log; echo working; while [ ! -e /data/go ]; do sleep 0.1; done; echo finished";

describe("docker nodes on a cluster", { skip, timeout: 300_000 }, () => {
  const suite = useDocker(peer, "cluster");
  const { file, shell } = suite;
  let runId: string;
  let runs = 0;
  let servers: RestateServers;
  before(async () => {
    servers = await startRestate({ nodes: 1 });
  });
  after(() => servers?.close());
  beforeEach(() => {
    runs += 1;
    runId = `${suite.runId}-${runs}`;
  });
  afterEach(() => {
    const left = containers();
    removeContainers(left.map(({ id }) => id));
    assert.deepEqual(
      left.map(({ name, status }) => `${name} ${status}`),
      [],
      "a container was left behind",
    );
  });

  const placeOf = ({ ingress, admin }: RestateServers): readonly string[] => [
    ...["--runtime", "restate", "--ingress", ingress, "--admin", admin],
  ];
  const logsDir = (): string => join(suite.cli.folder, "container-logs");

  /** @param port 0 takes a free one; that of one that was killed makes it its successor */
  async function startWorker({ of = servers, port = 0, env = {} }: WorkerOptions = {}) {
    const args = ["--listen", `127.0.0.1:${port}`, "--admin", of.admin, "--logs-dir", logsDir(), "--grace", "0"];
    const running = suite.cli.start(["worker", ...args], env);
    let shown = "";
    running.child.stdout.on("data", (text: string) => {
      shown += text;
    });
    await running.shows("READY http://127.0.0.1:");
    return { running, port: Number(/READY \S+:(\d+)/.exec(shown)?.[1]) };
  }

  const workflow = (containers: object, name = "w.json"): string => {
    suite.cli.write(name, { workflow_name: "w", execution_mode: "docker", containers });
    return name;
  };
  const on = (of: RestateServers = servers) => {
    const place = placeOf(of);
    return {
      start: (name: string): Running => suite.cli.start(["run", name, "--run-id", runId, "--json", ...place]),
      ask: (command: string, ...args: readonly string[]) => suite.cli.run([command, ...args, ...place]),
      logs: async (...args: readonly string[]) =>
        (await suite.cli.run(["logs", ...args, "--logs-dir", logsDir(), ...place])).stdout,
    };
  };
  const containers = () => listContainers(`busbar.run=${runId}`);
  const go = (): string => suite.cli.write("data/go", "");

  async function untilRunning(count: number) {
    for (;;) {
      const running = containers().filter(({ status }) => status === "running");
      if (running.length >= count) return running;
      await setTimeout(50);
    }
  }

  async function untilGone(): Promise<void> {
    await until(() => containers().length === 0);
  }

  async function end({ running }: Awaited<ReturnType<typeof startWorker>>, signal: NodeJS.Signals): Promise<void> {
    running.child.kill(signal);
    await running.ended;
  }

  const told = (stdout: string) =>
    jsonLines(stdout)
      .filter(({ type }) => type.startsWith("node."))
      .map(({ type, node_id, attempt, outcome }) =>
        [type, node_id, attempt, outcome].filter((one) => one !== undefined).join(" "),
      );

  it("run on a worker's engine, are removed once their outcome is recorded, and are read where workers share a folder", async () => {
    await startWorker();
    const { start, ask, logs } = on();
    const { code, stdout, stderr } = await start(
      workflow({ a: shell("echo out-of-a; echo err-of-a >&2"), b: shell("exit 3", { depends_on: ["a"] }) }),
    ).ended;
    assert.equal(code, 1, stderr);
    assert.match(stderr + stdout, /ended with exit code 3/);
    await untilGone();
    const lines = jsonLines(await logs(runId, "a", "--json")) as unknown as readonly { stream: string; text: string }[];
    assert.deepEqual(lines[0], { ...lines[0], stream: "busbar", text: `made by a worker on ${hostname()}` });
    assert.deepEqual(
      lines
        .filter(({ stream }) => stream !== "busbar")
        .map(({ stream, text }) => `${stream} ${text}`)
        .toSorted(),
      ["stderr err-of-a", "stdout out-of-a"],
    );
    const elsewhere = await ask("logs", runId, "a");
    assert.equal(elsewhere.code, 0);
    assert.match(elsewhere.stdout, /is with the worker that made the attempt[\s\S]*--logs-dir/);
    assert.doesNotMatch(elsewhere.stdout, /out-of-a/);
  });

  it("are shown by a server over the cluster, from the folder that it is given", async () => {
    await startWorker();
    const told = await on().start(workflow({ a: shell("echo out-of-a") })).ended;
    assert.equal(told.code, 0, told.stderr);
    const linesOf = async (...args: readonly string[]): Promise<readonly string[]> => {
      const server = await startServer(suite.cli, { args: [...placeOf(servers), ...args] });
      const { status, body } = await server.call("GET", `/runs/${runId}/logs`);
      assert.equal(status, 200);
      await server.stop();
      return (body as { lines: { text: string }[] }).lines.map(({ text }) => text);
    };
    assert.ok((await linesOf("--logs-dir", logsDir())).includes("out-of-a"));
    const [line, ...more] = await linesOf();
    assert.match(line ?? "", /is with the worker that made the attempt/);
    assert.deepEqual(more, []);
    await untilGone();
  });

  for (const signal of ["SIGKILL", "SIGTERM"] as const)
    it(`are followed to their end by another worker at the same engine, where theirs is ended by ${signal}`, async () => {
      const worker = await startWorker();
      const { start, logs } = on();
      const run = start(workflow({ a: shell(WAITS) }));
      const [container] = await untilRunning(1);
      await end(worker, signal);
      await startWorker({ port: worker.port });
      await until(async () => (await logs(runId, "a")).includes("found container"));
      assert.deepEqual(
        containers().map(({ id }) => id),
        [container?.id],
      );
      go();
      const { code, stdout, stderr } = await run.ended;
      assert.equal(code, 0, stderr);
      assert.deepEqual(told(stdout), ["node.started a 1", "node.succeeded a 1"]);
      assert.equal(file("log"), "begun\n");
      assert.match(
        await logs(runId, "a"),
        /made by a worker on [\s\S]*looked for by another worker on [\s\S]*finished/,
      );
      await untilGone();
    });

  it("are lost to a worker at another engine, and are ended by the next one that starts at theirs", async () => {
    const worker = await startWorker();
    const { start } = on();
    const run = start(workflow({ a: shell(WAITS, { on_lost: "fail" }) }));
    await untilRunning(1);
    await end(worker, "SIGKILL");
    const other = await startWorker({
      port: worker.port,
      env: { DOCKER_HOST: `unix://${suite.cli.folder}/none.sock` },
    });
    const { code, stdout } = await run.ended;
    assert.equal(code, 1);
    assert.deepEqual(told(stdout), ["node.started a 1", "node.attempt_failed a 1 lost", "node.failed a"]);
    assert.deepEqual(
      containers().map(({ status }) => status),
      ["running"],
    );
    await end(other, "SIGKILL");
    await startWorker({ port: worker.port });
    await untilGone();
    assert.equal(file("log"), "begun\n");
  });

  it("are ended by a cancel, also where their worker was killed", async () => {
    const worker = await startWorker();
    const { start, ask } = on();
    const run = start(workflow({ a: shell("trap : TERM; echo begun >> /data/log; while :; do sleep 0.1; done") }));
    await untilRunning(1);
    await end(worker, "SIGKILL");
    const cancelling = ask("cancel", runId);
    await startWorker({ port: worker.port });
    const cancelled = await cancelling;
    assert.equal(cancelled.code, 0, cancelled.stderr);
    const { code } = await run.ended;
    assert.equal(code, 130);
    await untilGone();
    assert.equal(file("log"), "begun\n");
  });

  it("are ended where the cancel of their attempt was told while there was no worker", async () => {
    const worker = await startWorker();
    const run = on().start(workflow({ a: shell("trap : TERM; echo begun >> /data/log; while :; do sleep 0.1; done") }));
    await untilRunning(1);
    await end(worker, "SIGKILL");
    const headers = { accept: "application/json", "content-type": "application/json" };
    const query = `SELECT id FROM sys_invocation_status WHERE status <> 'completed' AND target_service_name = '${ATTEMPT_SERVICE}'`;
    const found = await fetch(`${servers.admin}/query`, { method: "POST", headers, body: JSON.stringify({ query }) });
    const { rows } = (await found.json()) as { readonly rows: readonly { readonly id: string }[] };
    assert.equal(rows.length, 1);
    const told = await fetch(`${servers.admin}/invocations/${rows[0]?.id}/cancel`, { method: "PATCH", headers });
    assert.ok(told.ok, String(told.status));
    await startWorker({ port: worker.port });
    await untilGone();
    assert.notEqual((await run.ended).code, 0);
    assert.equal(file("log"), "begun\n");
  });

  it("of another cluster, whose run has the same id, are left alone", async () => {
    const others = await startRestate({ nodes: 1 });
    try {
      const worker = await startWorker();
      await startWorker({ of: others });
      const file = workflow({ a: shell(WAITS) });
      const [run, other] = [on().start(file), on(others).start(file)];
      const before = await untilRunning(2);
      await end(worker, "SIGKILL");
      await startWorker({ port: worker.port });
      const cancelled = await on().ask("cancel", runId);
      assert.equal(cancelled.code, 0, cancelled.stderr);
      await run.ended;
      const left = containers();
      assert.equal(left.length, 1);
      assert.ok(before.some(({ id }) => id === left[0]?.id));
      assert.equal(left[0]?.status, "running");
      go();
      assert.equal((await other.ended).code, 0);
      await untilGone();
    } finally {
      await others.close();
    }
  });
});

interface WorkerOptions {
  readonly of?: RestateServers;
  readonly port?: number;
  readonly env?: Readonly<Record<string, string>>;
}
