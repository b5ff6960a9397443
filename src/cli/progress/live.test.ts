import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { EventBody, RunEvent } from "../../engine/events.ts";
import { createSteppingClock } from "../../kernel/clock.ts";
import { createStyle } from "../render/style.ts";
import { createFakeOutput } from "./fake-output.ts";
import { MIN_COLUMNS } from "./frame.ts";
import { createLiveProgress } from "./live.ts";
import { createProgressModel, type InitialNode } from "./model.ts";
import { createVirtualScreen } from "./virtual-screen.ts";

/** A live table on a screen that can be looked at, resized and given events. */
function createRig(
  ids: readonly InitialNode["id"][],
  size: { readonly columns: number; readonly rows: number },
  unicode = true,
) {
  const screen = createVirtualScreen(size);
  const clock = createSteppingClock();
  const model = createProgressModel(ids.map((id) => ({ id })));
  const style = createStyle(true, unicode);
  const write = (text: string): void => screen.write(style.show(text));
  const output = { ...createFakeOutput({ isTerminal: true, size: screen.size }), style, write };
  const live = createLiveProgress(output, model, clock);
  let seq = 0;
  return {
    screen,
    clock,
    live,
    happen(body: EventBody) {
      seq += 1;
      const event: RunEvent = { ...body, seq, at: "2025-01-01T00:00:00.123Z", run_id: "r1", epoch: 1 };
      model.apply(event, clock.monotonic());
      live.onEvents([event]);
    },
  };
}

const error = { code: "CALL_UNAVAILABLE", message: "\u5206\u6790\u5668 is not there \u{1f525} ".repeat(9) } as const;
const bodies: ((id: string) => EventBody)[] = [
  (id) => ({ type: "node.started", node_id: id, attempt: 1, idempotency_key: "k", request: null }),
  (id) => ({ type: "node.succeeded", node_id: id, attempt: 1, output: { message: "fine" }, duration_ms: 5_000_000 }),
  (id) => ({ type: "node.failed", node_id: id, error }),
  (id) => ({ type: "node.skipped", node_id: id, reason: "upstream", because: id }),
  (id) => ({ type: "node.cancelled", node_id: id }),
  (id) => ({
    type: "node.attempt_failed",
    node_id: id,
    attempt: 1234,
    outcome: "failed",
    error,
    duration_ms: 1,
    retry_delay_ms: 99_000,
  }),
  () => ({ type: "run.cancel_requested", by: "ada" }),
];

const anyName = fc.oneof(
  fc.string({ unit: "grapheme", minLength: 1, maxLength: 60 }),
  fc.constantFrom(
    "\u5206\u6790".repeat(30),
    "\u{1f468}\u200d\u{1f469}\u200d\u{1f467}",
    "e\u0301\u0301",
    "\u00ad\u0600x",
    "a\tb\u001b[2J",
  ),
);
const anySize = fc.record({ columns: fc.integer({ min: 1, max: 200 }), rows: fc.integer({ min: 1, max: 50 }) });
type Step =
  | { readonly does: "happen"; readonly what: number; readonly node: number }
  | { readonly does: "wait" | "say" }
  | { readonly does: "resize"; readonly columns: number; readonly rows: number };
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ does: fc.constant("happen" as const), what: fc.nat(), node: fc.nat() }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constant("wait" as const) }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant("say" as const) }) },
  { weight: 1, arbitrary: anySize.map((size) => ({ does: "resize" as const, ...size })) },
);

const isHead = (row: string): boolean => /^ +node +status/.test(row);

describe("the live table", () => {
  it("stands once on the screen and is never wider than it, whatever the nodes and sizes are", () => {
    fc.assert(
      fc.property(
        fc.array(anyName, { maxLength: 200 }),
        anySize,
        fc.boolean(),
        fc.array(anyStep, { maxLength: 30 }),
        (ids, size, unicode, steps) => {
          const { screen, live, happen, clock } = createRig(ids, size, unicode);
          let pushedOff = 0;
          happen({ type: "run.started" });
          for (const step of [...steps, { does: "wait" } as const]) {
            const wrapped = screen.wraps();
            if (step.does === "happen") {
              const id = ids[step.node % Math.max(1, ids.length)] ?? "only";
              happen((bodies[step.what % bodies.length] as (typeof bodies)[number])(id));
            } else if (step.does === "resize") {
              const before = screen.history().length;
              screen.resize(step);
              // Nobody can erase what a smaller screen has pushed off; a larger one shows it again.
              if (screen.history().length > before) pushedOff += 1;
              clock.advance(100);
            } else if (step.does === "say") live.say?.("told");
            else clock.advance(100);
            const rows = screen.visible();
            const told = JSON.stringify(rows);
            const isNarrow = screen.size().columns < MIN_COLUMNS;
            assert.ok(rows.filter(isHead).length <= pushedOff + (isNarrow ? 0 : 1), told);
            if (!isNarrow) assert.equal(screen.wraps(), wrapped, told);
          }
          assert.ok(screen.history().filter(isHead).length <= pushedOff, JSON.stringify(screen.history()));
          assert.ok(!screen.cursorShown());
          live.stop();
          assert.ok(screen.cursorShown());
        },
      ),
    );
  });

  it("shows 152 nodes at 80 columns as one table, the rest as a number, and the counts whole", () => {
    const ids = Array.from({ length: 152 }, (_, index) => `node-${index}`);
    const { screen, happen, clock } = createRig(ids, { columns: 80, rows: 24 });
    for (const [index, body] of bodies.slice(0, 6).entries()) happen(body(`node-${index}`));
    clock.advance(3000);
    const rows = screen.visible();
    assert.equal(rows.filter(isHead).length, 1);
    assert.equal(rows.length, 24);
    assert.match(rows.at(-3) ?? "", /^… 132 more nodes$/);
    assert.equal(rows.at(-2), "▸ 1  ◦ 1  ✗ 1  ■ 1  ✓ 1  · 146  – 1");
    assert.deepEqual(screen.history(), []);
  });

  it("makes nothing scroll when it is drawn on a lower screen than before", () => {
    const ids = Array.from({ length: 20 }, (_, index) => `node-${index}`);
    const { screen, happen, clock } = createRig(ids, { columns: 80, rows: 20 });
    happen(bodies[0]?.("node-0") as EventBody);
    screen.resize({ columns: 80, rows: 6 });
    const pushedOff = screen.history();
    clock.advance(1000);
    assert.deepEqual(screen.history(), pushedOff);
    assert.deepEqual(screen.visible().slice(-4), [
      "·  node-1  pending",
      "… 18 more nodes",
      "19 pending, 1 running",
      "",
    ]);
  });

  it("is a line an event on a narrow terminal, and a table once that is wide enough", () => {
    const { screen, happen, clock } = createRig(["a"], { columns: MIN_COLUMNS - 1, rows: 10 });
    happen(bodies[0]?.("a") as EventBody);
    clock.advance(1000);
    assert.deepEqual(screen.visible(), ["00:00:00.123Z  a  started", ""]);
    screen.resize({ columns: 80, rows: 10 });
    clock.advance(100);
    assert.match(screen.visible().join("\n"), /^00:00.*started\n +node .*\n.*a +running.*\n1 running\n$/);
    screen.resize({ columns: MIN_COLUMNS - 1, rows: 10 });
    happen(bodies[1]?.("a") as EventBody);
    assert.match(
      screen.visible().join(""),
      /^00:00:00\.123Z {2}a {2}started00:00:00\.123Z {2}a {2}succeeded in 1h 23m: *fine$/,
    );
  });

  it("never clears at once, which would put the table into the history of a terminal", () => {
    const output = createFakeOutput({ isTerminal: true });
    const clock = createSteppingClock();
    const live = createLiveProgress(output, createProgressModel([{ id: "a" }]), clock);
    live.onEvents([]);
    clock.advance(1000);
    live.say?.("told");
    live.stop();
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what is looked for
    assert.doesNotMatch(output.text(), /\u001b\[[0-3]?J/);
  });

  it("is ASCII where the terminal shows nothing else", () => {
    const output = createFakeOutput({ isTerminal: true, style: createStyle(false, false) });
    const clock = createSteppingClock();
    const model = createProgressModel(Array.from({ length: 40 }, (_, index) => ({ id: `n${index}` })));
    for (const [index, body] of bodies.entries()) {
      model.apply({ ...body(`n${index}`), seq: index, at: "2025-01-01T00:00:00.123Z", run_id: "r1", epoch: 1 }, 0);
    }
    createLiveProgress(output, model, clock).onEvents([]);
    clock.advance(2000);
    assert.match(output.text().replaceAll(/[\u4e00-\u9fff\u{1f525}]/gu, ""), /^\p{ASCII}+$/u);
    assert.match(output.text(), /\.\.\. \d+ more nodes/);
  });
});
