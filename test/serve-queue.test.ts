// Runs of a server that wait for their turn, as the API tells of them.

import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { until } from "../src/testing/until.ts";
import { type Cli, createCli } from "./cli/harness.ts";
import { type Serving, startServing } from "./serve/serving.ts";

describe("runs of a server", () => {
  let cli: Cli;
  let server: Serving;
  let address: string;
  /** What ends the call of each run that has one. */
  let calls: Map<string, () => void>;

  beforeEach(async () => {
    cli = createCli();
    calls = new Map();
    const service = await cli.serve("held", async (_, { runId = "", signal }) => {
      await new Promise<void>((resolve) => {
        calls.set(runId, resolve);
        signal.addEventListener("abort", () => resolve(), { once: true });
      });
      return "done";
    });
    address = service.address;
    server = await startServing();
  });
  afterEach(async () => {
    await server.close();
    await cli.close();
  });

  const start = (run_id: string, concurrency: object, more: object = {}) =>
    server.call("POST", "/runs", {
      run_id,
      definition: {
        format: "json",
        text: JSON.stringify({
          workflow_name: "held",
          params: { tenant: { default: "t" } },
          concurrency,
          service_registry: { a: address },
          containers: { a: { input_file: "x", output_file: "y" } },
        }),
      },
      ...more,
    });
  const has = (run_id: string, status: string) =>
    until(async () => (await server.call("GET", `/runs/${run_id}`)).body.status === status);
  async function finish(run_id: string): Promise<void> {
    await until(() => calls.has(run_id));
    calls.get(run_id)?.();
    await has(run_id, "succeeded");
  }

  it("wait by workflow and key, by their priority, and say what for", { timeout: 60_000 }, async () => {
    const concurrency = { max_runs: 1, key: "${params.tenant}" };
    assert.equal((await start("a", concurrency)).status, 201);
    await has("a", "running");
    for (const [run_id, priority] of [
      ["low", -1],
      ["high", 1],
    ] as const) {
      const { status, body } = await start(run_id, concurrency, { priority });
      assert.deepEqual([status, body.run_id, body.status], [201, run_id, "pending"]);
    }
    await start("other", concurrency, { params: { tenant: "u" } });
    await has("other", "running");
    const { body } = await server.call("GET", "/runs/low/explain");
    assert.deepEqual(body.reason, { kind: "queued", ahead: 1, limit: "concurrency", max_runs: 1, key: "t" });
    const listed = (await server.call("GET", "/runs?status=pending")).body.runs;
    assert.deepEqual(
      listed.map((run: { run_id: string; priority: number; origin: string }) => [run.run_id, run.priority, run.origin]),
      [
        ["high", 1, "server"],
        ["low", -1, "server"],
      ],
    );
    for (const run_id of ["a", "high", "low", "other"]) await finish(run_id);
  });

  it("are refused where their file says so, and none is made", { timeout: 60_000 }, async () => {
    const concurrency = { max_runs: 1, when_full: "reject" };
    await start("a", concurrency);
    const { status, body } = await start("b", concurrency);
    assert.deepEqual([status, body.code], [409, "RUN_QUEUE_FULL"]);
    assert.equal((await server.call("GET", "/runs/b")).status, 404);
    await finish("a");
    assert.equal((await start("b", concurrency)).status, 201);
  });

  it("take the place of the oldest where their file says so", { timeout: 60_000 }, async () => {
    const concurrency = { max_runs: 1, when_full: "cancel_oldest" };
    await start("a", concurrency);
    await has("a", "running");
    assert.equal((await start("b", concurrency)).status, 201);
    await has("a", "cancelled");
    const { body } = await server.call("GET", "/runs/a/explain");
    assert.deepEqual([body.cause.kind, body.cause.by], ["cancel", "concurrency"]);
    await finish("b");
  });
});
