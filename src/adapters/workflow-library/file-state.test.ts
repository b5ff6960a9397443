import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { err } from "../../kernel/result.ts";
import { readFileState } from "./file-state.ts";
import type { Parser } from "./parser.ts";

/** Nothing is a workflow, and each reading is counted. */
function createNoParser(): Parser & { count: number } {
  return {
    count: 0,
    async parse(bytes) {
      this.count += 1;
      return { source: { text: String(bytes) }, parsed: err([]), locate: async () => [] };
    },
    read: () => assert.fail(),
    show: async () => undefined,
    findName: async () => undefined,
  };
}

describe("the state of a file", () => {
  it("is settled once its last change is long enough ago that a second one would show", async (test) => {
    const folder = mkdtempSync(join(tmpdir(), "busbar-file-state-"));
    test.after(() => rmSync(folder, { recursive: true, force: true }));
    writeFileSync(join(folder, "w.json"), "1");
    const parser = createNoParser();
    const found = { path: "w.json", signature: "s", changedMs: 1_000_000 };
    const young = await readFileState(folder, found, undefined, { parser, now: 1_002_000 });
    assert.equal(young?.isSettled, false);
    // Read again: what it says is the same, and is not worked out again.
    const old = await readFileState(folder, found, young, { parser, now: 1_003_000 });
    assert.deepEqual([old?.isSettled, old?.said === young?.said, parser.count], [true, true, 1]);
    // By the same signature something else: it came in the same moment.
    writeFileSync(join(folder, "w.json"), "2");
    const other = await readFileState(folder, found, young, { parser, now: 1_003_000 });
    assert.deepEqual([other?.hash === young?.hash, parser.count], [false, 2]);
    // By the clock of a file server that is ahead, and by times that mean nothing.
    for (const [now, isSettled] of [
      [900_000, false],
      [-100_000_000, true],
    ] as const) {
      assert.equal((await readFileState(folder, found, old, { parser, now }))?.isSettled, isSettled);
    }
    rmSync(join(folder, "w.json"));
    assert.equal(await readFileState(folder, found, old, { parser, now: 0 }), undefined);
  });
});
