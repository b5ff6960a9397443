import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { EventBody, RunEvent } from "../../engine/events.ts";
import { createSteppingClock } from "../../kernel/clock.ts";
import { createStyle } from "../render/style.ts";
import { widthOf } from "../render/text-width.ts";
import { createFakeOutput } from "./fake-output.ts";
import { renderFrame } from "./frame.ts";
import { createLineProgress } from "./lines.ts";
import { createLiveProgress } from "./live.ts";
import { createProgressModel, type ProgressModel } from "./model.ts";

const style = createStyle(false);
let seq = 0;
const eventOf = (body: EventBody): RunEvent => {
  seq += 1;
  return { ...body, seq, at: "2025-01-01T00:00:00.123Z", run_id: "r1", epoch: 1 };
};
const started = (id: string, attempt = 1): RunEvent =>
  eventOf({ type: "node.started", node_id: id, attempt, idempotency_key: `r1/${id}/1`, request: null });
const error = { code: "CALL_UNAVAILABLE", message: "connection refused" } as const;
const modelOf = (
  ids: readonly string[],
  events: readonly (readonly [atMs: number, event: RunEvent])[],
): ProgressModel => {
  const model = createProgressModel(ids.map((id) => ({ id })));
  for (const [atMs, event] of events) model.apply(event, atMs);
  return model;
};
const frame = (model: ProgressModel, more: Partial<Parameters<typeof renderFrame>[1]> = {}): readonly string[] =>
  renderFrame(model, { columns: 100, rows: 24, nowMs: 1500, turn: 0, style, ...more });

const createOutput = () => createFakeOutput({ isTerminal: true, size: () => ({ columns: 60, rows: 10 }) });

describe("the table of a run that goes on", () => {
  it("shows what runs and for how long, what waits and until when, what went wrong, what is left", () => {
    const model = modelOf(
      ["fetch", "clean", "load", "report", "archive"],
      [
        [0, started("fetch")],
        [
          500,
          eventOf({
            type: "node.succeeded",
            node_id: "fetch",
            attempt: 1,
            output: { message: "12 rows" },
            duration_ms: 500,
          }),
        ],
        [500, started("clean")],
        [500, started("load")],
        [
          700,
          eventOf({
            type: "node.attempt_failed",
            node_id: "load",
            attempt: 1,
            outcome: "failed",
            error,
            duration_ms: 200,
            retry_at: "2025-01-01T00:00:02.700Z",
            retry_delay_ms: 2000,
          }),
        ],
        [800, eventOf({ type: "node.skipped", node_id: "archive", reason: "upstream", because: "load" })],
      ],
    );
    assert.deepEqual(frame(model), [
      "   node     status       time  attempts",
      "✓  fetch    succeeded  500 ms            12 rows",
      "⠋  clean    running     1.0 s",
      "◦  load     waiting    200 ms            again in 1.2 s; CALL_UNAVAILABLE: connection refused",
      "·  report   pending",
      "–  archive  skipped                      load did not succeed",
      "1 pending, 1 running, 1 waiting, 1 succeeded, 1 skipped",
    ]);
  });

  it("counts attempts from the second one on, and turns its spinner", () => {
    const model = modelOf(["a"], [[0, started("a", 2)]]);
    assert.equal(frame(model, { turn: 3 })[1], "⠸  a     running  1.5 s         2");
  });

  it("fits the height of the terminal: what happens now first, in file order, and counts the rest", () => {
    const ids = Array.from({ length: 1000 }, (_, index) => `n${index}`);
    const model = modelOf(ids, [
      [0, started("n900")],
      [0, started("n500")],
      [1, eventOf({ type: "node.failed", node_id: "n700", error })],
    ]);
    const lines = frame(model, { rows: 8 });
    assert.deepEqual(
      lines.slice(1, -2).map((line) => line.split(/ +/)[1]),
      ["n0", "n500", "n700", "n900"],
    );
    assert.deepEqual(lines.slice(-2), ["… 996 more nodes", "997 pending, 2 running, 1 failed"]);
    assert.equal(lines.length, 7);
  });

  it("has a node in each of its rows, a single one too", () => {
    const model = modelOf(["a", "b", "c"], [[0, started("b")]]);
    const ids = (rows: number) => frame(model, { rows }).map((line) => line.split(/ +/)[1]);
    assert.deepEqual(ids(3), ["pending,"]);
    assert.deepEqual(ids(4), ["node", "b", "pending,"]);
    assert.deepEqual(ids(5), ["node", "b", "2", "pending,"]);
  });

  it("is never wider than the terminal", () => {
    const id = "\u5206\u6790".repeat(20);
    const model = modelOf([id], [[0, eventOf({ type: "node.failed", node_id: id, error })]]);
    for (const columns of [40, 60, 80]) {
      for (const line of frame(model, { columns })) assert.ok(widthOf(line) < columns, line);
    }
  });

  it("starts nodes again that a resume resets, and says that it cancels", () => {
    const model = modelOf(
      ["a"],
      [
        [0, started("a")],
        [1, eventOf({ type: "node.failed", node_id: "a", error })],
        [2, eventOf({ type: "run.resumed", from: "failed", by: "me", reset: ["a"], definition_hash: "h" })],
      ],
    );
    assert.deepEqual(
      [model.nodes.get("a")?.status, model.nodes.get("a")?.attempts, model.counts.failed],
      ["pending", 1, 0],
    );
    model.apply(eventOf({ type: "run.cancel_requested", by: "me" }), 3);
    assert.match(frame(model).at(-1) ?? "", /^cancelling · 1 pending$/);
  });

  it("says that it is paused, until it is unpaused or ends", () => {
    const paused = eventOf({ type: "run.paused", by: "me" });
    const model = modelOf(["a"], [[0, paused]]);
    const last = (): string => frame(model).at(-1) ?? "";
    assert.equal(last(), "paused · 1 pending");
    model.apply(eventOf({ type: "run.unpaused", by: "me" }), 1);
    assert.equal(last(), "1 pending");
    model.apply(paused, 2);
    model.apply(eventOf({ type: "run.failed", duration_ms: 1 }), 3);
    assert.equal(last(), "1 pending");
  });
});

describe("live progress", () => {
  it("redraws in place, ten times a second however many events there are, and gives the cursor back", () => {
    const clock = createSteppingClock();
    const output = createOutput();
    const model = createProgressModel([{ id: "a" }, { id: "b" }]);
    const live = createLiveProgress(output, model, clock);
    for (let count = 0; count < 1000; count += 1) {
      const event = started("a", count + 1);
      model.apply(event, clock.monotonic());
      live.onEvents([event]);
    }
    const drawn = (): number => output.text().split("node  status").length - 1;
    assert.equal(drawn(), 1);
    clock.advance(1000);
    assert.equal(drawn(), 11);
    live.stop();
    live.stop();
    assert.equal(drawn(), 12);
    clock.advance(1000);
    assert.equal(drawn(), 12);
    const [first = "", ...rest] = output.text().split("\u001b[2K\n".repeat(4));
    assert.ok(first.startsWith("\u001b[?25l"));
    assert.equal(rest.length, 11);
    assert.ok(output.text().endsWith("\u001b[?25h"));
    assert.equal(clock.pending(), 0);
  });

  it("puts a line past the table above it, and leaves no piece of the old table", () => {
    const clock = createSteppingClock();
    const output = createOutput();
    const live = createLiveProgress(output, modelOf(["a"], [[0, started("a")]]), clock);
    live.onEvents([]);
    live.say?.("SIGINT: cancelling");
    const [, after = ""] = output.text().split(`${"\u001b[2K\n".repeat(3)}\u001b[3A\r`);
    assert.ok(after.startsWith("SIGINT: cancelling\n"), JSON.stringify(output.text()));
    assert.match(after, /node .*\n.*a .*running/);
    live.stop();
    live.say?.("later");
    assert.ok(output.text().endsWith("later\n"));
  });

  it("draws nothing for a run that had no event", () => {
    const output = createOutput();
    createLiveProgress(output, createProgressModel([]), createSteppingClock()).stop();
    assert.equal(output.text(), "");
  });
});

describe("progress on a pipe", () => {
  it("tells a failure once, then refers to it, and tells it again of another node or after many lines", () => {
    const output = createFakeOutput();
    const lines = createLineProgress(output);
    const failed = (id: string, attempt: number, more: object = {}): RunEvent =>
      eventOf({ type: "node.attempt_failed", node_id: id, attempt, outcome: "failed", error, duration_ms: 5, ...more });
    const told = (): number => output.text().split(error.message).length - 1;
    lines.onEvents([failed("a", 1, { retry_at: "2025-01-01T00:00:01Z", retry_delay_ms: 900 }), failed("a", 2)]);
    lines.onEvents([eventOf({ type: "node.failed", node_id: "a", error })]);
    const message = `a failed: ${error.code}: ${error.message} (and 1 more node failed)`;
    lines.onEvents([eventOf({ type: "run.failed", duration_ms: 9, error: { code: "RUN_NODE_FAILED", message } })]);
    assert.equal(told(), 1);
    assert.equal(
      output.text(),
      [
        "00:00:00.123Z  a  attempt 1 failed after 5 ms: CALL_UNAVAILABLE connection refused; tries again in 900 ms",
        "00:00:00.123Z  a  attempt 2 failed after 5 ms: CALL_UNAVAILABLE",
        "00:00:00.123Z  a  failed: CALL_UNAVAILABLE",
        "00:00:00.123Z  run r1  failed after 9 ms: RUN_NODE_FAILED a failed: CALL_UNAVAILABLE (and 1 more node failed)",
        "",
      ].join("\n"),
    );
    assert.equal(lines.hasTold?.("a", error), true);
    lines.onEvents([failed("b", 1)]);
    assert.equal(told(), 2);
    for (let node = 0; node < 30; node += 1) lines.onEvents([started(`n${node}`)]);
    assert.equal(lines.hasTold?.("a", error), false);
    lines.onEvents([failed("a", 3)]);
    assert.equal(told(), 3);
  });

  it("puts nothing of its own after a sign of a service's words", () => {
    for (const end of [".", "!", "?", ";", ":", ",", "...", "…", ".\n", " !"]) {
      const output = createFakeOutput();
      const said = { ...error, message: `not now${end}` };
      createLineProgress(output).onEvents([
        eventOf({
          ...{ type: "node.attempt_failed", node_id: "a", attempt: 1, outcome: "failed", error: said, duration_ms: 5 },
          ...{ retry_at: "2025-01-01T00:00:01Z", retry_delay_ms: 900 },
        }),
      ]);
      assert.match(output.text(), /not now(?:\.\.\.|…)?; tries again/, end);
    }
  });

  it("cuts a long message, and gives a lost attempt no duration", () => {
    const output = createOutput();
    const long = { ...error, message: "x".repeat(4096) };
    createLineProgress(output).onEvents([
      eventOf({
        type: "node.attempt_failed",
        node_id: "a",
        attempt: 1,
        outcome: "lost",
        error: { code: "NODE_LOST", message: "gone" },
        duration_ms: 0,
      }),
      eventOf({ type: "node.failed", node_id: "a", error: long }),
    ]);
    assert.equal(
      output.text(),
      `00:00:00.123Z  a  attempt 1 lost: NODE_LOST gone\n00:00:00.123Z  a  failed: CALL_UNAVAILABLE ${"x".repeat(400)}…\n`,
    );
  });

  it("is one line an event, also for types of a newer version, and keeps controls out", () => {
    const output = createOutput();
    const lines = createLineProgress(output);
    lines.onEvents([
      started("a"),
      eventOf({
        type: "node.attempt_failed",
        node_id: "a",
        attempt: 1,
        outcome: "timed_out",
        error,
        duration_ms: 30_000,
      }),
      eventOf({ type: "node.failed", node_id: "a", error: { ...error, message: "line 1\n\u001b[31mline 2" } }),
      { ...eventOf({ type: "run.started" }), type: "node.expanded" } as unknown as RunEvent,
    ]);
    assert.equal(
      output.text(),
      [
        "00:00:00.123Z  a  started",
        "00:00:00.123Z  a  attempt 1 timed out after 30.0 s: CALL_UNAVAILABLE connection refused",
        "00:00:00.123Z  a  failed: CALL_UNAVAILABLE line 1\\n\\x1b[31mline 2",
        "00:00:00.123Z  run r1  node.expanded",
        "",
      ].join("\n"),
    );
  });
});
