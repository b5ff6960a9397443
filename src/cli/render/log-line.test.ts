import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { LogLine } from "../../ports/run-logs.ts";
import { createLogLineRenderer } from "./log-line.ts";
import { createStyle } from "./style.ts";

const line: LogLine = { at: "2025-01-01T00:00:00.123Z", node_id: "a", attempt: 2, stream: "stdout", text: "hello" };
const options = {
  nodes: ["a", "longer", "n".repeat(100)],
  withNode: true,
  withAttempt: false,
  timestamps: false,
  style: createStyle(false),
  isTerminal: true,
};

describe("a line of a log", () => {
  it("says whose it is, aligned as far as names are not too long", () => {
    const render = createLogLineRenderer(options);
    assert.equal(render(line), `${"a".padEnd(32)} | hello`);
    assert.equal(render({ ...line, node_id: "n".repeat(100) }), `${"n".repeat(100)} | hello`);
    const some = createLogLineRenderer({ ...options, nodes: ["a", "longer"], withAttempt: true, timestamps: true });
    assert.equal(some({ ...line, stream: "stderr" }), "a #2      ! 2025-01-01T00:00:00.123Z hello");
    assert.equal(some({ ...line, node_id: "a\u001b[2J" }), "a\\x1b[2J #2 | 2025-01-01T00:00:00.123Z hello");
  });

  it("shows on a terminal what it would obey, leaves out colours, and keeps tabs", () => {
    const text = "\u001b[1;31mred\u001b[0m\tand \u001b]0;title\u0007\u009b2J";
    const render = createLogLineRenderer({ ...options, withNode: false });
    assert.equal(render({ ...line, text }), "red\tand \\x1b]0;title\\x07\\x9b2J");
    const piped = createLogLineRenderer({ ...options, withNode: false, isTerminal: false });
    assert.equal(piped({ ...line, text }), text);
  });

  it("has a colour for each node, and tells streams apart by colour or mark", () => {
    const style = createStyle(true);
    const several = createLogLineRenderer({ ...options, nodes: ["a", "b"], style });
    assert.equal(several(line), `${style.cyan("a")} ${style.dim("|")} hello`);
    assert.equal(several({ ...line, node_id: "b", stream: "stderr" }), `${style.yellow("b")} ${style.red("!")} hello`);
    const alone = createLogLineRenderer({ ...options, withNode: false, style });
    assert.equal(alone({ ...line, stream: "stderr" }), style.yellow("hello"));
    assert.equal(alone({ ...line, stream: "busbar" }), `${style.dim("» ")}${style.dim("hello")}`);
    assert.equal(alone({ ...line, text: "" }), "");
  });
});
