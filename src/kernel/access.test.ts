import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { findObstacle } from "./access.ts";
import { pathExists } from "./path-exists.ts";

// What other users may not do is shown with real ones in test/state/unreadable.test.ts.
describe("what keeps a process from a file", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "busbar-access-"));
    mkdirSync(join(folder, "open"));
    writeFileSync(join(folder, "file"), "");
    chmodSync(join(folder, "file"), 0o644);
    symlinkSync("circle", join(folder, "circle"));
    symlinkSync("nowhere", join(folder, "dangling"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("is nothing where it may be read and written, or made", () => {
    for (const name of ["open", "file", "open/new", "open/new/deeper", "dangling"]) {
      assert.equal(findObstacle(join(folder, name), "read", process), undefined, name);
      assert.equal(findObstacle(join(folder, name), "write", process), undefined, name);
    }
  });

  it("is named: a file on the way, links in a circle", () => {
    for (const access of ["read", "write"] as const) {
      assert.equal(
        findObstacle(join(folder, "file", "below"), access, process)?.why,
        `${join(folder, "file")} is no directory`,
      );
      assert.match(
        findObstacle(join(folder, "circle"), access, process)?.why ?? "",
        /circle: its links lead in a circle$/,
      );
    }
  });

  it("is never taken for absence", () => {
    assert.equal(pathExists(join(folder, "open")), true);
    for (const name of ["none", "none/deeper", "dangling"]) assert.equal(pathExists(join(folder, name)), false, name);
    assert.throws(() => pathExists(join(folder, "file", "below")), { code: "ENOTDIR" });
    assert.throws(() => pathExists(join(folder, "circle")), { code: "ELOOP" });
  });
});
