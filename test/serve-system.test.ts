// What a server says of itself and of the services that it calls: looked at, counted and measured.
import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { createJsonLog, type RunningService, startDummyServer } from "../src/service/index.ts";
import { pairOf } from "./serve/pair.ts";
import { type Serving, startServing } from "./serve/serving.ts";

describe("a server", () => {
  let serving: Serving;
  let service: RunningService;
  before(async () => {
    serving = await startServing();
    service = await startDummyServer({ port: 0, log: createJsonLog("dummy", () => undefined) });
  });
  after(async () => {
    await serving.close();
    await service.close();
  });

  async function run(runId: string, address = service.address): Promise<void> {
    const started = await serving.call("POST", "/runs", {
      definition: pairOf(address),
      run_id: runId,
    });
    assert.equal(started.status, 201);
    await serving.call("GET", `/runs/${runId}/wait`);
  }

  it("says how it is", async () => {
    await run("r1");
    const { status, body } = await serving.call("GET", "/system");
    assert.equal(status, 200);
    assert.equal(body.version, serving.host.version);
    assert.deepEqual([body.node_version, body.pid], [process.version, process.pid]);
    assert.deepEqual(body.runs, { running: 0, waiting: 0, max_runs: 16 });
    assert.deepEqual(body.retention, { max_age_ms: 7_776_000_000, max_runs: 100_000, max_bytes: 10 * 1024 ** 3 });
    assert.ok(body.journal_bytes >= statSync(join(serving.stateDir, "journal.db")).size);
    assert.ok(body.memory_bytes > 0);
    assert.ok(body.event_loop_delay.p50_ms <= body.event_loop_delay.max_ms);
  });

  it("counts what ends, and measures it, as Prometheus reads it", async () => {
    await run("r2");
    await run("r3", "127.0.0.1:1");
    const response = await fetch(`${serving.url}/metrics`);
    assert.equal(response.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    const text = await response.text();
    for (const line of text.trimEnd().split("\n")) {
      assert.match(
        line,
        /^(?:# (?:HELP|TYPE) [a-z_]+ .+|[a-z_]+(?:\{[a-z]+="[^"]*"(?:,[a-z]+="[^"]*")*\})? [0-9.e+-]+)$/,
      );
    }
    const numberOf = (name: string): number => {
      const line = text.split("\n").find((one) => one.startsWith(`${name} `));
      return Number(line?.slice(name.length + 1));
    };
    const { host } = serving;
    const runs = (await host.runs.list()).runs;
    for (const outcome of ["succeeded", "failed", "cancelled"]) {
      const ended = runs.filter(({ status }) => status === outcome).length;
      assert.equal(numberOf(`busbar_runs_total{outcome="${outcome}"}`), ended, outcome);
    }
    assert.equal(numberOf('busbar_runs_begun_total{how="created"}'), runs.length);
    assert.equal(numberOf('busbar_attempts_total{outcome="succeeded"}'), 4);
    assert.equal(numberOf('busbar_attempt_duration_seconds_count{outcome="succeeded"}'), 4);
    assert.equal(numberOf('busbar_attempt_duration_seconds_bucket{outcome="succeeded",le="+Inf"}'), 4);
    assert.ok(numberOf("busbar_commit_duration_seconds_count") >= runs.length);
    assert.ok(numberOf("busbar_commit_duration_seconds_sum") > 0);
    assert.equal(numberOf("busbar_attempts_in_flight"), 0);
    assert.equal(numberOf("busbar_runs_running"), 0);
    assert.ok(numberOf("busbar_journal_bytes") > 0);
  });

  it("shows the services that its workflows name, and looks at them when it is asked to", async () => {
    const { text } = pairOf(service.address);
    const put = await serving.call("PUT", "/workflows/pair", { text, format: "json" });
    assert.ok(put.status < 300, JSON.stringify(put.body));
    const named = { workflows: ["pair"], runs: 0 };
    const before = await serving.call("GET", "/services");
    assert.deepEqual(
      before.body.services.map((one: { name: string; used_by: unknown }) => [one.name, one.used_by]),
      [
        ["a", named],
        ["b", named],
      ],
    );
    const probed = await serving.call("POST", "/services/probe", { address: service.address });
    assert.equal(probed.status, 200);
    for (const one of probed.body.services) {
      assert.deepEqual([one.status, one.contract, one.address], ["serving", "ok", service.address]);
      assert.ok(one.latency_ms > 0 && one.checked_at !== undefined);
    }
    assert.deepEqual((await serving.call("GET", "/services")).body, probed.body);
    const other = await serving.call("POST", "/services/probe", { address: "169.254.169.254:80" });
    assert.deepEqual([other.status, other.body.code], [404, "ADDRESS_NOT_NAMED"]);
  });
});

describe("a viewer of a server", () => {
  it("may look at services and the system, and ask nothing of them", async () => {
    const serving = await startServing({ role: "viewer", name: "v", id: "v" });
    try {
      assert.equal((await serving.call("GET", "/services")).status, 200);
      assert.equal((await serving.call("GET", "/system")).status, 200);
      assert.equal((await serving.call("POST", "/services/probe", {})).status, 403);
    } finally {
      await serving.close();
    }
  });
});
