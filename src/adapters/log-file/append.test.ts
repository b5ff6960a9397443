import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { setImmediate } from "node:timers/promises";
import { endsWithinLine } from "./append.ts";

describe("endsWithinLine", () => {
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "busbar-append-"));
    path = join(folder, "log");
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("tells a line that was left half from one that is whole", () => {
    assert.equal(endsWithinLine(path), undefined);
    writeFileSync(path, "");
    assert.equal(endsWithinLine(path), false);
    appendFileSync(path, "one\ntw");
    assert.equal(endsWithinLine(path), true);
    appendFileSync(path, "o\n");
    assert.equal(endsWithinLine(path), false);
    assert.equal(endsWithinLine(folder), undefined);
  });

  it("takes no line for half that another process is just writing", async () => {
    writeFileSync(path, "");
    const writes = `
      const fs = require("node:fs");
      const file = fs.openSync(process.argv[1], "a");
      const lines = Buffer.from(("m".repeat(1100) + "\\n").repeat(2));
      for (let i = 0; i < 30000; i += 1) {
        fs.writeSync(file, lines);
        if (i % 5000 === 0) fs.ftruncateSync(file, 0);
      }`;
    const writer = spawn(process.execPath, ["-e", writes, path], { stdio: "inherit" });
    let isOver = false;
    const ended = once(writer, "exit").finally(() => {
      isOver = true;
    });
    let mistaken = 0;
    let mistakenAt: number | undefined;
    while (!isOver) {
      for (let look = 0; look < 100; look += 1) {
        const size = endsWithinLine(path) === false ? undefined : statSync(path).size;
        // A writer that is kept from going on is looked at again and again.
        if (size !== undefined && size !== mistakenAt) mistaken += 1;
        mistakenAt = size;
      }
      await setImmediate();
    }
    assert.deepEqual(await ended, [0, null]);
    // A busy disk may keep a writer waiting between two pages for longer than anybody looks: a line is ended twice then.
    assert.ok(mistaken <= 3, `${mistaken} times`);
  });
});
