import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { AttemptRecord } from "../../../../src/engine/state.ts";
import { barsOf, drawnBars, timesOf } from "./bars.ts";

const START = Date.parse("2026-11-23T16:23:32.000Z");
const at = (ms: number): string => new Date(START + ms).toISOString();
const made = (attempt: number, startMs: number, more: Partial<AttemptRecord> = {}): AttemptRecord => ({
  attempt,
  idempotencyKey: "run/a/1",
  startedAt: at(startMs),
  epoch: 1,
  ...more,
});
const failed = (attempt: number, startMs: number, durationMs: number, retryMs?: number): AttemptRecord =>
  made(attempt, startMs, {
    outcome: "failed",
    durationMs,
    ...(retryMs === undefined ? {} : { retryAt: at(retryMs) }),
  });

describe("the bars of a node", () => {
  it("are its attempts, and the waits that its retry policy made between them", () => {
    const node = {
      status: "succeeded",
      attempts: [failed(1, 100, 40, 500), made(2, 510, { outcome: "succeeded", durationMs: 90 })],
    } as const;
    assert.deepEqual(barsOf(node, START + 1000), [
      { kind: "attempt", attempt: 1, from: START + 100, until: START + 140, outcome: "failed" },
      { kind: "wait", from: START + 140, until: START + 510 },
      { kind: "attempt", attempt: 2, from: START + 510, until: START + 600, outcome: "succeeded" },
    ]);
    assert.deepEqual(timesOf(barsOf(node, START + 1000)), { workMs: 130, waitMs: 370 });
  });

  it("have no wait between the end of a run and its resume", () => {
    const node = { status: "running", attempts: [failed(1, 0, 40), made(2, 90_000)] } as const;
    assert.deepEqual(
      barsOf(node, START + 91_000).map(({ kind }) => kind),
      ["attempt", "attempt"],
    );
  });

  it("reach up to the instant that is shown, and not beyond it", () => {
    const running = { status: "running", attempts: [made(1, 100)] } as const;
    assert.deepEqual(barsOf(running, START + 300), [
      { kind: "attempt", attempt: 1, from: START + 100, until: START + 300, outcome: "running" },
    ]);
    const waiting = { status: "waiting", attempts: [failed(1, 100, 40, 5000)] } as const;
    assert.deepEqual(barsOf(waiting, START + 300).at(-1), { kind: "wait", from: START + 140, until: START + 300 });
  });

  it("are drawn where they are looked at, and of very many those as one that touch each other", () => {
    const few = { status: "running", attempts: [failed(1, 0, 100), failed(2, 500, 100), made(3, 900)] } as const;
    const bars = barsOf(few, START + 1000);
    assert.deepEqual(drawnBars(bars, START, START + 1000, 1), bars);
    assert.deepEqual(
      drawnBars(bars, START + 450, START + 700, 1).map((bar) => bar.from - START),
      [500],
    );

    const attempts = Array.from({ length: 5000 }, (_, index) => failed(index + 1, index * 10, 8, index * 10 + 10));
    const many = barsOf({ status: "waiting", attempts }, START + 50_000);
    const drawn = drawnBars(many, START, START + 50_000, 50);
    assert.ok(drawn.length < 10, `${drawn.length} bars`);
    assert.equal(drawn[0]?.from, START);
    assert.equal(drawn.at(-1)?.until, START + 50_000);
    assert.ok(drawn.every((bar) => bar.kind === "attempt" && bar.outcome === "failed"));
  });

  it("never end before they begin, whatever the clocks say", () => {
    const node = { status: "running", attempts: [made(1, 500)] } as const;
    assert.deepEqual(barsOf(node, START + 300), [
      { kind: "attempt", attempt: 1, from: START + 300, until: START + 300, outcome: "running" },
    ]);
  });
});
