import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { liesBeneath, readInside } from "./read-inside.ts";

describe("reading beneath a folder", { timeout: 60_000 }, () => {
  it("never gives what lies outside, also while links are changed under its hands", async (test) => {
    const folder = mkdtempSync(join(tmpdir(), "busbar-inside-"));
    test.after(() => rmSync(folder, { recursive: true, force: true }));
    const root = join(folder, "root");
    for (const path of [root, join(root, "real"), join(folder, "outside")]) mkdirSync(path);
    writeFileSync(join(root, "real", "w.json"), "inside");
    writeFileSync(join(folder, "outside", "w.json"), "outside");
    const place = join(root, "way");
    const lead = (to: string): void => {
      symlinkSync(to, `${place}.new`);
      renameSync(`${place}.new`, place);
    };
    lead("real");
    mkdirSync(join(root, "folder"));
    writeFileSync(join(root, "folder", "w.json"), "inside");
    const [real, away] = [join(root, "folder"), join(root, "away")];
    let isOver = false;
    const swapping = (async () => {
      for (let at = 0; !isOver; at += 1) {
        lead(at % 2 === 0 ? "../outside" : "real");
        // A folder on the way that was none but a folder when it was looked at.
        renameSync(real, away);
        symlinkSync("../outside", real);
        await new Promise(setImmediate);
        unlinkSync(real);
        renameSync(away, real);
        await new Promise(setImmediate);
      }
    })();
    const seen = new Set<string>();
    for (let at = 0; at < 2000 || !seen.has("inside") || seen.size < 2; at += 1) {
      test.signal.throwIfAborted();
      seen.add(
        await readInside(root, at % 2 === 0 ? "way/w.json" : "folder/w.json").then(
          ({ bytes }) => String(bytes),
          (error) => error.message,
        ),
      );
    }
    isOver = true;
    await swapping;
    assert.ok(!seen.has("outside"), [...seen].join());
    assert.ok(seen.has("it is a link that leads out of the directory"));
  });

  it("tells a folder's own from what begins alike", () => {
    for (const path of ["/a/b", "/a/b/c", "/a/..b"]) assert.ok(liesBeneath(path, "/a"), path);
    for (const path of ["/a", "/ab", "/", "/b", "/a/../b"]) assert.ok(!liesBeneath(path, "/a"), path);
  });
});
