import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { nameOnDisk } from "./name-on-disk.ts";

describe("names on disk", () => {
  it("are the ids themselves where every file system takes them", () => {
    for (const id of ["extract", "energy-generator", "step_2.b", "20261123T154210-7f3k2q"]) {
      assert.equal(nameOnDisk(id), id);
    }
  });

  it("differ for ids that some file system takes for the same", () => {
    const ids = ["a", "A", "é", "e\u0301", "con", "CON", "con.txt", "a.", "a ", " a", "20261123t154210-7f3k2q"];
    const names = ids.concat("20261123T154210-7f3k2q", "", ".", "..", "~", "_a~", "…").map(nameOnDisk);
    assert.equal(new Set(names.map((name) => name.toLowerCase())).size, names.length);
    for (const name of names) assert.doesNotMatch(name, /^(con|prn|aux|nul)(\.|$)|[. ]$|^\./i, name);
  });

  it("never lead out of their folder, whatever the id", () => {
    const nasty = fc.string({
      unit: fc.constantFrom("/", "\\", ".", ":", "\0", "a", "B", "*", "é", "😀", "~"),
      maxLength: 100,
    });
    fc.assert(
      fc.property(fc.oneof(nasty, fc.string({ unit: "binary", maxLength: 100 })), (id) => {
        assert.match(nameOnDisk(id), /^[\w-][\w.~-]{0,63}$/);
      }),
    );
  });
});
