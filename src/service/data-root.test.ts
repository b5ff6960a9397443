import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, describe, it, type TestContext } from "node:test";
import { createDataRoot, type DataRoot } from "./data-root.ts";

describe("createDataRoot", () => {
  let folder = "";
  let outside = "";
  let root: DataRoot;
  before(async () => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "busbar-root-")));
    outside = join(folder, "outside");
    mkdirSync(outside);
    writeFileSync(join(outside, "secret.csv"), "");
    root = await createDataRoot(join(folder, "data"));
    mkdirSync(join(root.path, "sub"));
    writeFileSync(join(root.path, "sub", "a.csv"), "");
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** Windows lets only some accounts make links to files; there the test is a named skip. */
  const link = (context: TestContext, target: string, name: string): boolean => {
    try {
      rmSync(join(root.path, name), { force: true });
      symlinkSync(target, join(root.path, name));
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EPERM") throw error;
      context.skip("symbolic links are not allowed here");
      return false;
    }
  };
  const refused = (path: string) =>
    assert.rejects(root.locate(path), (error: Error) => {
      assert.equal(
        error.message,
        `${path} is outside DATA_ROOT ${join(folder, "data")}; to run the original's files start the services with DATA_ROOT=/data`,
      );
      return true;
    });

  it("makes the root where it is not there", async () => {
    const made = await createDataRoot(join(folder, "new", "deep"));
    assert.equal(made.path, join(folder, "new", "deep"));
  });

  for (const [says, name] of [
    ["a file", "file"],
    ["below a file", "file/deep/er"],
    ["a name that is too long", "x".repeat(300)],
    ["a link to itself", "loop"],
  ] as const) {
    it(`says in one line why a root cannot be, and what to do: ${says}`, async (context) => {
      const place = join(folder, "places");
      mkdirSync(place, { recursive: true });
      writeFileSync(join(place, "file"), "");
      if (name === "loop" && !link(context, join(root.path, name), name)) return;
      const path = name === "loop" ? join(root.path, name) : join(place, name);
      await assert.rejects(createDataRoot(path), ({ message }: Error) => {
        assert.ok(message.startsWith(`DATA_ROOT ${path} cannot be made: `), message);
        assert.match(message, /; choose another folder$/);
        assert.doesNotMatch(message, /E[A-Z]{4,}|\n/);
        return true;
      });
    });
  }

  it("takes a relative path from the root", async () => {
    assert.equal(await root.locate("sub/a.csv"), join(root.path, "sub", "a.csv"));
    assert.equal(await root.locate("./new/b.csv"), join(root.path, "new", "b.csv"));
  });

  it("takes an absolute path inside the root", async () => {
    assert.equal(await root.locate(join(root.path, "sub", "a.csv")), join(root.path, "sub", "a.csv"));
    assert.equal(await root.locate(root.path), root.path);
  });

  it("allows .. that stays inside, and names that only begin with dots", async () => {
    assert.equal(await root.locate("sub/../b.csv"), join(root.path, "b.csv"));
    assert.equal(await root.locate("..b.csv"), join(root.path, "..b.csv"));
  });

  for (const path of ["..", "../outside/secret.csv", "sub/../../outside/secret.csv", "sub/../../data-2/x"]) {
    it(`refuses ${path}`, () => refused(path));
  }

  it("refuses other absolute paths, also one that begins like the root", async () => {
    await refused(resolve("/etc/passwd"));
    await refused(join(outside, "secret.csv"));
    await refused(`${join(folder, "data")}-2`);
    await refused(folder);
  });

  it("refuses a link to a file outside", async (context) => {
    if (link(context, join(outside, "secret.csv"), "leak.csv")) await refused("leak.csv");
  });

  it("refuses a path through a linked folder, whether or not the file is there", async (context) => {
    if (!link(context, outside, "door")) return;
    await refused("door/secret.csv");
    await refused("door/new/deep.csv");
  });

  it("refuses a dangling link, which a write would follow", async (context) => {
    if (link(context, join(outside, "not-yet.csv"), "dangling.csv")) await refused("dangling.csv");
  });

  it("refuses a link to itself", async (context) => {
    if (link(context, join(root.path, "loop"), "loop")) await refused("loop/a.csv");
  });

  it("follows a link that stays inside", async (context) => {
    if (link(context, join(root.path, "sub"), "alias")) {
      assert.equal(await root.locate("alias/a.csv"), join(root.path, "sub", "a.csv"));
    }
  });

  it("works with a root that is itself a link, under both its names", async (context) => {
    try {
      symlinkSync(root.path, join(folder, "entry"));
    } catch {
      context.skip("symbolic links are not allowed here");
      return;
    }
    const linked = await createDataRoot(join(folder, "entry"));
    const expected = join(root.path, "sub", "a.csv");
    assert.equal(await linked.locate("sub/a.csv"), expected);
    assert.equal(await linked.locate(join(folder, "entry", "sub", "a.csv")), expected);
    assert.equal(await linked.locate(expected), expected);
  });

  it("locates what would lie below a file; using it then fails", async () => {
    assert.equal(await root.locate("sub/a.csv/b"), join(root.path, "sub", "a.csv", "b"));
  });

  it("refuses a NUL character", () => assert.rejects(root.locate("a\0b"), /NUL/));
});
