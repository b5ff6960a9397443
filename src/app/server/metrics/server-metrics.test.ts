import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { RunEvent } from "../../../engine/events.ts";
import type { Executor } from "../../../ports/executor.ts";
import type { Metrics } from "../../../ports/metrics.ts";
import { createFakeExecutor, createGate } from "../../../testing/fake-executor.ts";
import { attemptAt, serviceAt } from "../../../testing/peers/service.ts";
import { createHistogram } from "./instruments.ts";
import { createServerMetrics } from "./server-metrics.ts";

const error = { code: "CALL_UNAVAILABLE", message: "gone" } as const;

function eventOf(body: object): RunEvent {
  return { seq: 1, at: "2025-01-01T00:00:00.000Z", run_id: "r", epoch: 1, node_id: "a", ...body } as RunEvent;
}

function start() {
  return createServerMetrics({
    runs: () => ({ running: 2, waiting: 3 }),
    journalBytes: () => 4096,
    eventLoopDelay: () => ({ p50_ms: 1, p99_ms: 2, max_ms: 3 }),
    startedAtMs: 1000,
  });
}

function numberOf(metrics: Metrics, name: string, labels: object = {}, suffix?: string): number | undefined {
  const metric = metrics.read().find((one) => one.name === name);
  const wanted = JSON.stringify(labels);
  return metric?.samples.find((one) => one.suffix === suffix && JSON.stringify(one.labels ?? {}) === wanted)?.value;
}

describe("the metrics of a server", () => {
  it("have each attempt once, by its outcome, and none of those that another run has made", () => {
    const metrics = start();
    metrics.observe([
      eventOf({ type: "node.succeeded", attempt: 1, output: {}, duration_ms: 20 }),
      eventOf({ type: "node.succeeded", attempt: 1, output: {}, duration_ms: 20, reused_from: "other" }),
      eventOf({ type: "node.attempt_failed", attempt: 1, outcome: "failed", error, duration_ms: 5, retry_at: "x" }),
      eventOf({ type: "node.attempt_failed", attempt: 2, outcome: "timed_out", error, duration_ms: 5 }),
      eventOf({ type: "node.failed", error }),
      eventOf({ type: "node.cancelled", attempt: 1 }),
      eventOf({ type: "node.cancelled" }),
    ]);
    const attempts = ["succeeded", "failed", "timed_out", "cancelled", "lost"].map((outcome) =>
      numberOf(metrics, "busbar_attempts_total", { outcome }),
    );
    assert.deepEqual(attempts, [1, 1, 1, 1, 0]);
    assert.equal(numberOf(metrics, "busbar_retries_total", { after: "failed" }), 1);
    assert.equal(numberOf(metrics, "busbar_retries_total", { after: "timed_out" }), 0);
  });

  it("have each run by how it began and how it ended, with its length in seconds", () => {
    const metrics = start();
    metrics.observe([
      eventOf({ type: "run.created" }),
      eventOf({ type: "run.failed", duration_ms: 1500 }),
      eventOf({ type: "run.resumed" }),
      eventOf({ type: "run.succeeded", duration_ms: 500 }),
    ]);
    assert.equal(numberOf(metrics, "busbar_runs_begun_total", { how: "resumed" }), 1);
    assert.equal(numberOf(metrics, "busbar_runs_total", { outcome: "failed" }), 1);
    assert.equal(numberOf(metrics, "busbar_run_duration_seconds", { outcome: "failed" }, "_sum"), 1.5);
    const upTo = (le: string) => numberOf(metrics, "busbar_run_duration_seconds", { outcome: "failed", le }, "_bucket");
    assert.deepEqual([upTo("1"), upTo("2.5"), upTo("+Inf")], [0, 1, 1]);
  });

  it("have attempts while they are under way, whatever becomes of them, and what they could do they can do still", async () => {
    const metrics = start();
    const gate = createGate<undefined>();
    const fake = createFakeExecutor(async () => {
      await gate.promise;
      throw new Error("broken");
    });
    const executor: Executor = metrics.around({ ...fake, release: () => undefined });
    const ended = executor.execute(attemptAt(serviceAt("localhost:1")), new AbortController().signal);
    assert.equal(numberOf(metrics, "busbar_attempts_in_flight"), 1);
    gate.open(undefined);
    await ended.catch(() => undefined);
    assert.equal(numberOf(metrics, "busbar_attempts_in_flight"), 0);
    assert.deepEqual([executor.release === undefined, executor.recover], [false, fake.recover]);
  });

  it("have what stands now as it is now", () => {
    const metrics = start();
    assert.equal(numberOf(metrics, "busbar_runs_running"), 2);
    assert.equal(numberOf(metrics, "busbar_runs_waiting"), 3);
    assert.equal(numberOf(metrics, "busbar_journal_bytes"), 4096);
    assert.equal(numberOf(metrics, "busbar_event_loop_delay_seconds", { quantile: "0.99" }), 0.002);
    assert.equal(numberOf(metrics, "process_start_time_seconds"), 1);
  });

  it("have names that are each one metric's, as Prometheus asks for", () => {
    const names = start()
      .read()
      .map(({ name }) => name);
    assert.equal(new Set(names).size, names.length);
    for (const { name, type } of start().read()) assert.equal(name.endsWith("_total"), type === "counter", name);
  });
});

describe("a histogram", () => {
  it("counts what is as long as the end of a range into that range, and what is longer than all into the last", () => {
    const histogram = createHistogram("x", "", { buckets: [1, 2] });
    for (const seconds of [0.5, 1, 1.5, 2, 99]) histogram.observe(seconds);
    assert.deepEqual(
      histogram.read().samples.map(({ suffix, labels, value }) => [suffix, labels?.le, value]),
      [
        ["_bucket", "1", 2],
        ["_bucket", "2", 4],
        ["_bucket", "+Inf", 5],
        ["_sum", undefined, 104],
        ["_count", undefined, 5],
      ],
    );
  });
});
