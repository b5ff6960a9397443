// Durations, the total timeout of a node, and what draws are made from.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { drawAt } from "../kernel/random.ts";
import { createEngineRun, type EngineRun, FAILED, statuses, UNAVAILABLE } from "../testing/engine-run.ts";
import { workflowOf } from "../testing/workflow-of.ts";
import type { AttemptFailure, Outcome } from "./outcome.ts";
import { backoffMs } from "./retry.ts";
import { giveUp } from "./settle.ts";
import type { Turn } from "./turn.ts";

const TIMED_OUT: Outcome = {
  outcome: "timed_out",
  error: { code: "NODE_TIMED_OUT", message: "late", status: "DEADLINE_EXCEEDED" },
};

const timeoutsIn = ({ commands }: EngineRun): number[] =>
  commands.flatMap((one) => (one.type === "execute" ? [one.timeoutMs] : []));

describe("durations", () => {
  it("are measured by the clock that never goes back, in microseconds", () => {
    const run = createEngineRun(workflowOf("a > b"));
    run.advance(1.23456);
    run.end("a", "ok");
    run.advance(10);
    run.end("b", FAILED);
    assert.deepEqual(
      [...run.state.nodes.values()].map((node) => node.attempts[0]?.durationMs),
      [1.235, 10],
    );
    assert.equal(run.state.durationMs, 11.235);
  });

  it("of a run count from its resume", () => {
    const run = createEngineRun(workflowOf("a"));
    run.advance(100);
    run.end("a", FAILED);
    run.advance(1000);
    run.resume();
    run.advance(5);
    run.end("a", "ok");
    assert.equal(run.state.durationMs, 5);
    assert.equal(run.state.nodes.get("a")?.attempts[1]?.durationMs, 5);
  });
});

describe("total_timeout_seconds of a node", () => {
  const total = (totalTimeoutMs: number, timeoutMs = 3000) =>
    createEngineRun(
      workflowOf("a; b", {
        onFailure: "continue",
        retry: { maxAttempts: 10, initialBackoffMs: 1000, backoffMultiplier: 1, maxBackoffMs: 1000 },
        nodes: { a: { totalTimeoutMs, timeoutMs }, b: { timeoutMs: 77 } },
      }),
    );

  it("bounds each attempt by what is left of it, from the first attempt on", () => {
    const run = total(4000);
    assert.deepEqual(timeoutsIn(run), [3000, 77]);
    run.advance(500);
    run.end("a", UNAVAILABLE);
    run.advance(1500);
    run.wake("a");
    assert.deepEqual(timeoutsIn(run).slice(2), [2000]);
  });

  it("says that it was this limit which ended an attempt, and not the attempt's own", () => {
    const errorOf = (run: EngineRun): string | undefined => run.state.nodes.get("a")?.error?.message;
    const short = total(2000);
    short.end("a", TIMED_OUT);
    assert.deepEqual(short.state.nodes.get("a")?.error, {
      code: "NODE_TOTAL_TIMED_OUT",
      message: "a took longer than its total_timeout_seconds of 2 s, all attempts and waits together",
      status: "DEADLINE_EXCEEDED",
    });
    for (const totalTimeoutMs of [3000, 4000]) {
      const long = total(totalTimeoutMs);
      long.end("a", TIMED_OUT);
      assert.equal(errorOf(long), "late");
    }
    const failing = total(2000);
    failing.end("a", FAILED);
    assert.equal(errorOf(failing), "no");
  });

  it("is over before a wait that would pass it: the failure is final at once", () => {
    const run = total(1500);
    run.advance(900);
    run.end("a", UNAVAILABLE);
    assert.deepEqual(statuses(run.state), { a: "failed", b: "running" });
    const [attempt, failed] = run.events.slice(-2);
    assert.ok(attempt?.type === "node.attempt_failed" && failed?.type === "node.failed");
    assert.deepEqual([attempt.error, attempt.retry_at], [(UNAVAILABLE as AttemptFailure).error, undefined]);
    // It has its last error, which says why it was not tried again.
    assert.deepEqual(failed.error, {
      ...attempt.error,
      message: `${attempt.error.message}; a could not be tried again within its total_timeout_seconds of 1.5 s`,
    });
  });

  it("fails a node that wakes too late with its last error, which says so", () => {
    const run = total(3000);
    run.end("a", UNAVAILABLE);
    run.advance(3000);
    run.wake("a");
    assert.deepEqual(statuses(run.state), { a: "failed", b: "running" });
    const { error } = UNAVAILABLE as AttemptFailure;
    assert.deepEqual(run.state.nodes.get("a")?.error, {
      ...error,
      message: `${error.message}; a could not be tried again within its total_timeout_seconds of 3 s`,
    });
    assert.equal(run.state.nodes.get("a")?.attempts.length, 1);
  });

  it("is named once where it ended the last attempt, and not where another attempt was out of the question", () => {
    const errorOf = (run: EngineRun): string | undefined => run.state.nodes.get("a")?.error?.message;
    const again = createEngineRun(
      workflowOf("a", {
        retry: { maxAttempts: 2, initialBackoffMs: 1000, backoffMultiplier: 1, retryOn: ["DEADLINE_EXCEEDED"] },
        nodes: { a: { totalTimeoutMs: 2000, timeoutMs: 3000 } },
      }),
    );
    again.advance(1999);
    again.end("a", TIMED_OUT);
    assert.equal(
      errorOf(again),
      "a took longer than its total_timeout_seconds of 2 s, all attempts and waits together",
    );
    const last = total(1500);
    last.advance(900);
    last.end("a", FAILED);
    assert.equal(errorOf(last), "no");
  });

  it("is not named where the run's own is over", () => {
    const run = createEngineRun(
      workflowOf("a", { totalTimeoutMs: 1000, nodes: { a: { totalTimeoutMs: 1500, timeoutMs: 5000 } } }),
    );
    run.advance(1000);
    run.stop();
    run.end("a", UNAVAILABLE);
    assert.deepEqual(run.state.nodes.get("a")?.error, (UNAVAILABLE as AttemptFailure).error);
  });

  it("is told once where it ended the last attempt, be it a moment early", () => {
    const run = total(1500);
    run.advance(1499);
    const error = { code: "NODE_TOTAL_TIMED_OUT", message: "its own" } as const;
    run.end("a", { outcome: "timed_out", error });
    assert.deepEqual(statuses(run.state), { a: "failed", b: "running" });
    const failed = run.events.at(-1);
    assert.ok(failed?.type === "node.failed");
    const told = "a took longer than its total_timeout_seconds of 1.5 s, all attempts and waits together";
    assert.equal(failed.error.message, told);
  });

  it("has words of its own for a node of which no failure is known", () => {
    const run = total(2500);
    const node = run.state.nodes.get("a");
    assert.ok(node !== undefined);
    const facts = { atMs: 0, monotonicMs: 0, seed: 1 };
    const turn: Turn = { state: run.state, facts, epoch: 1, events: [], answers: [], commands: [] };
    giveUp(turn, node);
    assert.deepEqual(node.error, {
      code: "NODE_TOTAL_TIMED_OUT",
      message: "a could not be tried again within its total_timeout_seconds of 2.5 s",
    });
  });

  it("counts anew for every owner", () => {
    const run = total(4000);
    run.advance(3500);
    run.resume();
    assert.deepEqual(timeoutsIn(run).slice(2), [3000, 77]);
    run.end("a", UNAVAILABLE);
    assert.equal(run.state.nodes.get("a")?.status, "waiting");
  });

  it("counts from this owner's first look at a node that an earlier one has tried", () => {
    const workflow = workflowOf("a", {
      services: { one: { address: "localhost:1", maxConcurrency: 1 } },
      nodes: { a: { totalTimeoutMs: 2000, timeoutMs: 3000 } },
    });
    const grpc = { recover: true, sweep: false, release: false };
    const run = createEngineRun(workflow, { ownSlots: true, abilities: { grpc } });
    run.take({ type: "granted", nodeId: "a" });
    run.resume();
    // Found again, failed and lost: its time has begun with this owner's first look at it.
    run.end("a", UNAVAILABLE);
    run.advance(2000);
    run.wake("a");
    assert.deepEqual(statuses(run.state), { a: "failed" });
    assert.equal(run.state.status, "failed");
  });
});

describe("the wait before a retry", () => {
  const waitOf = (seed: number, events: number): number | undefined => {
    const run = createEngineRun(workflowOf("a; b", { onFailure: "continue" }), { seed });
    for (let more = 0; more < events; more += 1) run.end("b", "ok");
    run.end("a", UNAVAILABLE);
    return run.state.nodes.get("a")?.attempts[0]?.retryDelayMs;
  };

  it("is drawn from the seed and the place of its event, and from nothing else", () => {
    const policy = workflowOf("a").nodes[0]?.retry;
    assert.ok(policy !== undefined);
    for (const [seed, events, seq] of [
      [1, 0, 5],
      [1, 1, 6],
      [2 ** 32 - 1, 0, 5],
    ] as const) {
      assert.equal(waitOf(seed, events), Math.round(backoffMs(policy, 1, drawAt(seed, seq))));
      assert.equal(waitOf(seed, events), waitOf(seed, events));
    }
    const drawn = new Set(Array.from({ length: 20 }, (_, seed) => waitOf(seed, 0)));
    assert.ok(drawn.size > 10, `${drawn.size} waits of 20 seeds`);
  });
});
