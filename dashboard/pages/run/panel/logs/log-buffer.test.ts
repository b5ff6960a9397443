import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { countUntil, createLogBuffer, findLines, type LogLine } from "./log-buffer.ts";

const START = Date.parse("2026-11-23T16:23:32.000Z");
const line = (text: string, ms = 0, more: Partial<LogLine> = {}): LogLine => ({
  at: new Date(START + ms).toISOString(),
  attempt: 1,
  stream: "stdout",
  text,
  ...more,
});

describe("the lines of a log", () => {
  it("are read as a terminal would show them, each stream of each attempt with the style that it has left", () => {
    const buffer = createLogBuffer();
    buffer.add([line("\x1b[31mred from here"), line("an error", 1, { stream: "stderr" })]);
    buffer.add([line("still red\x1b[0m", 2), line("plain", 3), line("the next", 4, { attempt: 2 })]);
    assert.deepEqual(
      buffer.lines.map(({ plain, start }) => [plain, start]),
      [
        ["red from here", {}],
        ["an error", {}],
        ["still red", { colour: "red" }],
        ["plain", {}],
        ["the next", {}],
      ],
    );
  });

  it("say how much Busbar has left out of a long one; a program that says so itself is not believed", () => {
    const buffer = createLogBuffer();
    buffer.add([line("… 12 MB left out …", 0, { stream: "busbar" }), line("… 12 MB left out …")]);
    assert.deepEqual(
      buffer.lines.map(({ leftOut }) => leftOut),
      ["12 MB", undefined],
    );
  });

  it("are held up to a bound, and it is known how many are not", () => {
    const buffer = createLogBuffer(100);
    for (let i = 0; i < 1000; i += 1) buffer.add([line(`${i}`, i)]);
    assert.ok(buffer.lines.length <= 100 && buffer.lines.length >= 90);
    assert.equal(buffer.dropped + buffer.lines.length, 1000);
    assert.equal(buffer.lines.at(-1)?.text, "999");
  });

  it("of the past are those that had been written by then, and no later one", () => {
    const lines = [0, 10, 10, 20, 3, 3, 3, 3, 15, 30].map((ms) => line(`${ms}`, ms));
    for (let ms = -5; ms < 40; ms += 1) {
      const shown = lines.slice(0, countUntil(lines, START + ms));
      assert.ok(shown.every(({ text }) => Number(text) <= ms));
    }
    assert.equal(countUntil(lines, START + 10), 3);
    assert.equal(countUntil(lines, START + 100), 10);
    assert.equal(countUntil([], START), 0);
  });

  it("are found by a text, in any case of its letters, through colours, and only as far as they are shown", () => {
    const buffer = createLogBuffer();
    buffer.add([line("connect ECONN\x1b[1mREFUSED"), line("fine"), line("refused (again)"), line("refused")]);
    assert.deepEqual(findLines(buffer.lines, 3, "refused"), [0, 2]);
    assert.deepEqual(findLines(buffer.lines, 4, "(again)"), [2]);
    assert.deepEqual(findLines(buffer.lines, 4, "."), []);
    assert.deepEqual(findLines(buffer.lines, 4, ""), []);
  });
});
