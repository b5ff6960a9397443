import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { holdFolder } from "./hold-folder.ts";

/** Puts a link out of the root in the place of a folder, and the folder back, for as long as a file is there. */
const SWAP =
  "while [ -e on ]; do mv root/folder away; ln -s ../outside root/folder; rm root/folder; mv away root/folder; done";

describe("a folder that is held", { skip: process.platform !== "linux", timeout: 60_000 }, () => {
  it("is the one that is written to, also while another process puts links in its place", async (test) => {
    const place = mkdtempSync(join(tmpdir(), "busbar-hold-"));
    test.after(() => rmSync(place, { recursive: true, force: true }));
    const [root, outside, on] = [join(place, "root"), join(place, "outside"), join(place, "on")];
    for (const folder of [root, outside, join(root, "folder")]) mkdirSync(folder);
    writeFileSync(on, "");
    const swapping = spawn("sh", ["-c", SWAP], { cwd: place, stdio: "ignore" });
    const ended = once(swapping, "exit");
    const seen = new Map<string, number>();
    for (let at = 0; at < 3000 || seen.size < 2; at += 1) {
      if (at % 100 === 0) test.signal.throwIfAborted();
      const result = ((): string => {
        try {
          holdFolder(root, "folder", (path) => writeFileSync(join(path, "w.json"), ""));
          return "written";
        } catch (thrown) {
          return (thrown as Error).message;
        }
      })();
      seen.set(result, (seen.get(result) ?? 0) + 1);
    }
    rmSync(on);
    await ended;
    assert.deepEqual(readdirSync(outside), []);
    assert.ok(existsSync(join(root, "folder", "w.json")));
    assert.ok(seen.has("its folder is a link that leads out of the directory"), [...seen.keys()].join());
  });

  it("may be the root itself", (test) => {
    const root = mkdtempSync(join(tmpdir(), "busbar-hold-"));
    test.after(() => rmSync(root, { recursive: true, force: true }));
    holdFolder(root, "", (path) => writeFileSync(join(path, "w.json"), ""));
    assert.deepEqual(readdirSync(root), ["w.json"]);
  });
});
