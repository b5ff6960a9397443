// `busbar serve --runtime restate`: the API of a server over a cluster, whose runs go on without it.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import { createSystemIds } from "../../src/adapters/system/ids.ts";
import { createExecutors } from "../../src/app/executors.ts";
import { createShared } from "../../src/app/shared.ts";
import { createSecrets } from "../../src/kernel/secrets.ts";
import { requireRestate } from "../../src/testing/restate/binary.ts";
import { startRestate } from "../../src/testing/restate/servers.ts";
import { until } from "../../src/testing/until.ts";
import { type Cli, chain, createCli } from "../cli/harness.ts";
import { type ServerProcess, startServer } from "../serve/server-process.ts";
import { readStream } from "../serve/serving.ts";
import { startCluster, type TestCluster } from "./use-cluster.ts";

describe("busbar serve on a cluster", { ...requireRestate(), timeout: 240_000 }, () => {
  let cluster: TestCluster;
  let cli: Cli;
  let server: ServerProcess;
  const shared = createShared(createSecrets(() => undefined));
  const { grpc } = createExecutors({ ...shared, ids: createSystemIds() });
  before(async () => {
    cluster = await startCluster({ nodes: 1 });
    const { port } = await cluster.startWorker(grpc);
    await cluster.register(port);
  });
  after(async () => {
    await cluster?.close();
    await grpc.close?.();
  });
  beforeEach(async () => {
    cli = createCli();
    server = await serve();
  });
  afterEach(() => cli.close());

  const serve = (...args: readonly string[]): Promise<ServerProcess> =>
    startServer(cli, {
      args: ["--runtime", "restate", "--ingress", cluster.ingress, "--admin", cluster.admin, ...args],
    });
  const call = (method: string, path: string, body?: unknown) => server.call(method, path, body);

  /** A service whose calls wait until they are let go, and fail where they are told to. */
  async function holding() {
    let gate = Promise.withResolvers<string>();
    let calls = 0;
    const service = await cli.serve("held", async (_, { signal }) => {
      calls += 1;
      const aborted = new Promise<string>((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(new Error("cancelled")));
      });
      return Promise.race([gate.promise, aborted]);
    });
    return {
      address: service.address,
      calls: () => calls,
      letGo: () => gate.resolve("done"),
      fail: () => gate.reject(new Error("no")),
      hold() {
        gate = Promise.withResolvers<string>();
      },
    };
  }

  const start = async (definition: object, more: object = {}): Promise<string> => {
    const run_id = `r-${randomUUID()}`;
    const text = JSON.stringify(definition);
    const { status, body } = await call("POST", "/runs", { definition: { format: "json", text }, run_id, ...more });
    assert.equal(status, 201, JSON.stringify(body));
    return body.run_id;
  };
  const statusOf = async (runId: string): Promise<string> => (await call("GET", `/runs/${runId}`)).body.status;
  const ended = async (runId: string): Promise<string> => {
    const { body } = await call("GET", `/runs/${runId}/wait`);
    return body.end?.type ?? "nothing";
  };

  it("starts a run by POST, streams its events, lists it, and counts it", async () => {
    const good = await cli.serve("good", () => "fine");
    const runId = await start(chain({ fetch: good.address, report: good.address }));
    const types: string[] = [];
    for await (const { data, event } of readStream(`${server.url}/api/v1/runs/${runId}/events`, {
      headers: server.headers(),
    })) {
      if (event === "bye" || event === "end") break;
      types.push(data.type);
      if (data.type === "run.succeeded") break;
    }
    assert.deepEqual(types, [
      ...["run.created", "run.started", "node.started", "node.succeeded", "node.started", "node.succeeded"],
      "run.succeeded",
    ]);
    const { body: list } = await call("GET", "/runs?status=succeeded&workflow=chain&limit=1");
    assert.deepEqual([list.runs[0].run_id, list.runs[0].origin], [runId, "server"]);
    const { body: counts } = await call("GET", "/run-counts");
    assert.ok(counts.succeeded >= 1, JSON.stringify(counts));
    const { body: audit } = await call("GET", "/audit?limit=1");
    assert.deepEqual(
      [audit.entries[0].action, audit.entries[0].run_id, audit.entries[0].outcome],
      ["run.start", runId, "done"],
    );
    const page = await fetch(`${server.url}/`);
    assert.deepEqual([page.status, /text\/html/.test(page.headers.get("content-type") ?? "")], [200, true]);
    const { body: system } = await call("GET", "/system");
    assert.deepEqual([system.cluster.ingress, system.cluster.workers.length], [cluster.ingress, 1]);
    assert.match(system.cluster.version, /^1\./);
    assert.match(
      await (await fetch(`${server.url}/metrics`, { headers: server.headers() })).text(),
      /busbar_runs_running/,
    );
  });

  it("shows the files that nodes name, where it and their services share a folder", async () => {
    await server.stop();
    server = await serve("--data-dir", `shared=${join(cli.folder, "mounted-here")}`);
    const good = await cli.serve("good", ({ outputFile }) => {
      cli.write(outputFile.replace("shared", "mounted-here"), "power,MW\na,1\n");
      return "fine";
    });
    mkdirSync(join(cli.folder, "mounted-here"));
    const nodes = { fetch: { input_file: "fetch.in", output_file: "shared/fetch.csv" } };
    const runId = await start(chain({ fetch: good.address }, { containers: nodes }));
    assert.equal(await ended(runId), "run.succeeded");
    const response = await fetch(`${server.url}/api/v1/runs/${runId}/nodes/fetch/artifact`, {
      headers: server.headers(),
    });
    assert.deepEqual([response.status, await response.text()], [200, "power,MW\na,1\n"]);
  });

  it("makes one run of requests with one key, and refuses another request with it", async () => {
    const good = await cli.serve("good", () => "fine");
    const post = async (text: string) => {
      const response = await fetch(`${server.url}/api/v1/runs`, {
        method: "POST",
        headers: { ...server.headers(), "content-type": "application/json", "idempotency-key": "once" },
        body: JSON.stringify({ definition: { format: "json", text } }),
      });
      return { status: response.status, body: (await response.json()) as { run_id?: string; code?: string } };
    };
    const text = JSON.stringify(chain({ fetch: good.address }));
    const [first, again] = [await post(text), await post(text)];
    assert.deepEqual([first.status, again.status, again.body.run_id], [201, 200, first.body.run_id]);
    const other = await post(JSON.stringify(chain({ other: good.address })));
    assert.deepEqual([other.status, other.body.code], [409, "IDEMPOTENCY_KEY_USED"]);
  });

  it("cancels, pauses and unpauses runs", async () => {
    const held = await holding();
    const runId = await start(chain({ fetch: held.address, report: held.address }));
    await until(() => held.calls() === 1);
    assert.equal((await call("POST", `/runs/${runId}/pause`, {})).body.kind, "applied");
    held.letGo();
    await until(async () => (await call("GET", `/runs/${runId}`)).body.nodes[0].status === "succeeded");
    held.hold();
    assert.equal((await call("POST", `/runs/${runId}/unpause`, {})).body.kind, "applied");
    await until(() => held.calls() === 2);
    assert.equal((await call("POST", `/runs/${runId}/cancel`, { reason: "enough" })).body.kind, "applied");
    assert.equal(await ended(runId), "run.cancelled");
  });

  it("resumes a failed run with the library's changed file, and repeats one", async () => {
    const good = await cli.serve("good", () => "fine");
    const bad = await cli.serve("bad", () => {
      throw new Error("no");
    });
    const put = async (addresses: Record<string, string>, etag?: string) =>
      fetch(`${server.url}/api/v1/workflows/chain`, {
        method: "PUT",
        headers: {
          ...server.headers(),
          "content-type": "application/json",
          ...(etag === undefined ? { "if-none-match": "*" } : { "if-match": etag }),
        },
        body: JSON.stringify({ format: "json", text: JSON.stringify(chain(addresses)) }),
      });
    const made = await put({ fetch: good.address, report: bad.address });
    assert.equal(made.status, 201, await made.clone().text());
    const { body } = await call("POST", "/runs", { workflow: "chain" });
    assert.equal(await ended(body.run_id), "run.failed");
    const changed = await put({ fetch: good.address, report: good.address }, made.headers.get("etag") ?? "");
    assert.equal(changed.status, 200, await changed.clone().text());
    const resumed = await call("POST", `/runs/${body.run_id}/resume`, { workflow: "chain" });
    assert.deepEqual([resumed.status, resumed.body.from], [200, "failed"], JSON.stringify(resumed.body));
    assert.equal(await ended(body.run_id), "run.succeeded");
    const rerun = await call("POST", `/runs/${body.run_id}/rerun`, { from: ["report"] });
    assert.deepEqual([rerun.status, rerun.body.kept], [201, ["fetch"]]);
    assert.equal(await ended(rerun.body.run_id), "run.succeeded");
  });

  it("lets runs go on while it is killed, and tells of them afterwards", async () => {
    const held = await holding();
    const runId = await start(chain({ fetch: held.address, report: held.address }));
    await until(() => held.calls() === 1);
    const { items: told } = (await call("GET", "/feed?follow=false&after=now")).body;
    await server.stop("SIGKILL");
    held.letGo();
    held.hold();
    await until(() => held.calls() === 2);
    server = await serve();
    await until(async () => {
      const { services } = (await call("GET", "/services")).body;
      return services.some((one: { used_by: { runs: number } }) => one.used_by.runs === 1);
    });
    held.letGo();
    assert.equal(await ended(runId), "run.succeeded");
    const { body } = await call("GET", `/runs/${runId}/events`);
    assert.deepEqual(
      body.events.map(({ seq }: { seq: number }) => seq),
      [1, 2, 3, 4, 5, 6, 7],
    );
    const since = new Set<number>();
    await until(async () => {
      const feed = await call("GET", `/feed?follow=false&after=${encodeURIComponent(told.at(-1).cursor)}`);
      for (const { kind, event } of feed.body.items) {
        if (kind === "event" && event.run_id === runId) since.add(event.seq);
      }
      return since.has(7);
    });
    assert.deepEqual(
      [4, 5, 6].filter((seq) => !since.has(seq)),
      [],
    );
    const readMetrics = async () => (await fetch(`${server.url}/metrics`, { headers: server.headers() })).text();
    await until(async () => /busbar_runs_total\{outcome="succeeded"\} [1-9]/.test(await readMetrics()));
  });

  it("refuses a second server on its state directory, and one whose cluster is not there", async () => {
    const options = ["--ingress", cluster.ingress, "--admin", cluster.admin];
    const second = await cli.run(["serve", "--port", "0", "--runtime", "restate", ...options]);
    assert.deepEqual([second.code, /SERVER_RUNNING/.test(second.stderr)], [30, true], second.stderr);
    const nowhere = "http://127.0.0.1:1";
    const args = ["--runtime", "restate", "--ingress", nowhere, "--admin", nowhere, "--state-dir", "other"];
    const away = await cli.run(["serve", "--port", "0", ...args]);
    assert.deepEqual([away.code, /CLUSTER_UNREACHABLE/.test(away.stderr)], [39, true], away.stderr);
  });

  it("says that the cluster is away while it is, and goes on once it is back", async (test) => {
    const restate = await startRestate({ nodes: 1 });
    test.after(() => restate.close());
    const [node] = restate.nodes;
    assert.ok(node);
    const args = ["--runtime", "restate", "--ingress", restate.ingress, "--admin", restate.admin];
    const other = createCli();
    test.after(() => other.close());
    const alone = await startServer(other, { args });
    const definition = { format: "json", text: JSON.stringify(chain({ fetch: "127.0.0.1:1" })) };
    const start = await alone.call("POST", "/runs", { definition });
    assert.deepEqual([start.status, start.body.code], [503, "CLUSTER_NO_WORKERS"]);
    assert.equal((await alone.call("GET", "/runs")).status, 200);
    await node.kill();
    const away = await alone.call("GET", "/runs");
    assert.deepEqual([away.status, away.body.code], [503, "CLUSTER_UNREACHABLE"]);
    assert.equal((await alone.call("GET", "/system")).body.cluster.version, undefined);
    await node.start();
    await until(async () => (await alone.call("GET", "/runs")).status === 200);
  });

  it("lets viewers look, and start nothing", async () => {
    const { body: made } = await call("POST", "/tokens", { role: "viewer" });
    const headers = { authorization: `Bearer ${made.token}`, "content-type": "application/json" };
    const look = await fetch(`${server.url}/api/v1/runs`, { headers });
    assert.equal(look.status, 200);
    const text = JSON.stringify(chain({ fetch: "127.0.0.1:1" }));
    const body = JSON.stringify({ definition: { format: "json", text } });
    const refused = await fetch(`${server.url}/api/v1/runs`, { method: "POST", headers, body });
    assert.equal(refused.status, 403);
  });

  describe("with --max-runs 1", () => {
    beforeEach(async () => {
      await server.stop();
      server = await serve("--max-runs", "1");
    });

    it("lets one run go on, and the next once that has ended", async () => {
      const held = await holding();
      const file = chain({ fetch: held.address });
      const first = await start(file);
      await until(() => held.calls() === 1);
      const second = await start(file);
      const urgent = await start(file, { priority: 5 });
      assert.deepEqual([await statusOf(second), await statusOf(urgent)], ["pending", "pending"]);
      const why = (await call("GET", `/runs/${second}/explain`)).body.reason;
      assert.deepEqual(why, { kind: "queued", ahead: 1, limit: "server", max_runs: 1 });
      assert.deepEqual((await call("GET", "/system")).body.runs, { running: 1, waiting: 2, max_runs: 1 });
      held.letGo();
      for (const runId of [first, urgent, second]) assert.equal(await ended(runId), "run.succeeded");
      const startOf = async (runId: string) => (await call("GET", `/runs/${runId}`)).body.started_at;
      assert.ok((await startOf(urgent)) < (await startOf(second)));
      await until(async () => (await call("GET", "/system")).body.runs.running === 0);
    });

    it("leaves runs that wait to the next server, and they can be cancelled", async () => {
      const held = await holding();
      const file = chain({ fetch: held.address });
      const first = await start(file);
      await until(() => held.calls() === 1);
      const [second, third] = [await start(file), await start(file)];
      await server.stop("SIGKILL");
      held.letGo();
      const cancelled = await cluster.runtime.request({ runId: third, kind: "cancel", key: "c", by: "test" });
      assert.equal(cancelled.kind, "applied");
      assert.equal((await cluster.runtime.wait(first)).type, "run.succeeded");
      assert.equal((await cluster.runtime.get(second)).status, "pending");
      server = await serve("--max-runs", "1");
      assert.equal(await ended(second), "run.succeeded");
      assert.equal(await statusOf(third), "cancelled");
    });

    it("keeps to the concurrency of a file: a newer run is refused, or takes the place of the oldest", async () => {
      const held = await holding();
      const file = (when_full: string) =>
        chain({ fetch: held.address }, { workflow_name: when_full, concurrency: { max_runs: 1, when_full } });
      const first = await start(file("reject"));
      await until(() => held.calls() === 1);
      const text = JSON.stringify(file("reject"));
      const refused = await call("POST", "/runs", { definition: { format: "json", text } });
      assert.deepEqual([refused.status, refused.body.code], [409, "RUN_QUEUE_FULL"]);
      held.letGo();
      assert.equal(await ended(first), "run.succeeded");
      assert.equal(await ended(await start(file("reject"))), "run.succeeded");
      held.hold();
      const older = await start(file("cancel_oldest"));
      await until(() => held.calls() === 3);
      const newer = await start(file("cancel_oldest"));
      assert.equal(await ended(older), "run.cancelled");
      held.letGo();
      assert.equal(await ended(newer), "run.succeeded");
    });
  });
});
