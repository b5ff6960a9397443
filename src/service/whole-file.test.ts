import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { writeWholeFile } from "./whole-file.ts";

describe("writeWholeFile", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "busbar-file-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("writes text and bytes in order, makes the folder, and hands back what fill returns", async () => {
    const path = join(folder, "deep", "er", "a.txt");
    const result = await writeWholeFile(path, async (file) => {
      await file.write("é");
      await file.write(new Uint8Array([0, 255]));
      await file.write("\xe9", "latin1");
      return 42;
    });
    assert.equal(result, 42);
    assert.deepEqual([...readFileSync(path)], [0xc3, 0xa9, 0, 255, 0xe9]);
    assert.deepEqual(readdirSync(join(folder, "deep", "er")), ["a.txt"]);
  });

  it("shows the old file until the new one is whole", async () => {
    const path = join(folder, "a.txt");
    writeFileSync(path, "old");
    await writeWholeFile(path, async (file) => {
      await file.write("new");
      assert.equal(readFileSync(path, "utf8"), "old");
    });
    assert.equal(readFileSync(path, "utf8"), "new");
  });

  it("leaves nothing behind, and the old file as it was, where fill throws", async () => {
    const path = join(folder, "a.txt");
    writeFileSync(path, "old");
    const failed = writeWholeFile(path, async (file) => {
      await file.write("half");
      throw new Error("no more");
    });
    await assert.rejects(failed, /no more/);
    assert.deepEqual(readdirSync(folder), ["a.txt"]);
    assert.equal(readFileSync(path, "utf8"), "old");
  });

  it("leaves nothing behind where the signal aborts, even after the last write", async () => {
    const controller = new AbortController();
    const aborted = writeWholeFile(
      join(folder, "a.txt"),
      async (file) => {
        await file.write("all of it");
        controller.abort(new Error("cancelled"));
      },
      controller.signal,
    );
    await assert.rejects(aborted, /cancelled/);
    assert.deepEqual(readdirSync(folder), []);
  });

  it("writes nothing once the signal has aborted", async () => {
    await assert.rejects(
      writeWholeFile(join(folder, "sub", "a.txt"), async () => undefined, AbortSignal.abort(new Error("cancelled"))),
      /cancelled/,
    );
    assert.deepEqual(readdirSync(folder), []);
  });

  it("leaves nothing behind where a folder stands in the place of the file", async () => {
    await assert.rejects(writeWholeFile(folder, (file) => file.write("x")));
    assert.deepEqual(readdirSync(folder), []);
  });

  it("lets two writers of one file both succeed; one of them is what stays", async () => {
    const path = join(folder, "a.txt");
    const write = (text: string) => writeWholeFile(path, (file) => file.write(text));
    await Promise.all([write("aaaa"), write("bb")]);
    assert.ok(["aaaa", "bb"].includes(readFileSync(path, "utf8")));
    assert.deepEqual(readdirSync(folder), ["a.txt"]);
  });
});
