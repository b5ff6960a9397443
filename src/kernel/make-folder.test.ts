import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { makeFolder } from "./make-folder.ts";

const folder = mkdtempSync(join(tmpdir(), "busbar-folder-"));
after(() => rmSync(folder, { recursive: true, force: true }));

describe("makeFolder", () => {
  it("makes what is missing, takes what is there, also through a link, and may be called again", () => {
    const deep = join(folder, "a", "b", "c");
    makeFolder(deep);
    makeFolder(deep);
    symlinkSync(deep, join(folder, "link"), "junction");
    makeFolder(join(folder, "link", "d"));
    assert.ok(statSync(join(deep, "d")).isDirectory());
  });

  it("fails where a file lies in the way", () => {
    writeFileSync(join(folder, "file"), "");
    assert.throws(() => makeFolder(join(folder, "file")), { code: "EEXIST" });
    assert.throws(() => makeFolder(join(folder, "file", "x")), { code: /^E(EXIST|NOTDIR)$/ });
  });

  const proc = existsSync("/proc/self") ? false : "there is no /proc here";
  it("fails at once where nothing can be made and the system says ENOENT", { skip: proc }, () => {
    const code = `import { makeFolder } from ${JSON.stringify(new URL("./make-folder.ts", import.meta.url).href)};
      try { makeFolder("/proc/busbar/x"); } catch (error) { console.log(error.code); }`;
    // In a process of its own: the loop that this is about can only be killed.
    const { stdout, signal } = spawnSync(process.execPath, ["--input-type=module", "-e", code], {
      encoding: "utf8",
      timeout: 30_000,
      killSignal: "SIGKILL",
    });
    assert.deepEqual([stdout.trim(), signal], ["ENOENT", null]);
  });
});
