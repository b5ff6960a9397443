import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { packDocument, packManifest, packReadme } from "./packed-files.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

describe("packManifest", () => {
  it("says what users of the package need, and nothing that a clone runs", () => {
    const packed = packManifest(manifest);
    for (const key of ["scripts", "devDependencies", "allowScripts"]) assert.equal(key in packed, false, key);
    assert.deepEqual(packed.engines, { node: ">=24" });
    for (const key of ["name", "version", "bin", "exports", "dependencies", "license"]) {
      assert.deepEqual(packed[key], manifest[key], key);
    }
  });
});

describe("packReadme", () => {
  const pack = (text: string): string => packReadme(text, { version: "1.0.0", files: ["docs", "LICENSE"] });

  it("names files in place of links to them, and leaves addresses and anchors alone", () => {
    assert.equal(pack("see [docs/a.md](docs/a.md)."), "see `docs/a.md`.");
    assert.equal(pack("[the guide](docs/a.md#part), [all](docs/)"), "the guide (`docs/a.md`), all (`docs/`)");
    assert.equal(pack("[it](examples/x/)"), "it (`examples/x/` in the source)");
    assert.equal(pack("![a run](docs/images/run.png)"), "a run (`docs/images/run.png`)");
    assert.equal(pack("[licence](LICENSE)"), "licence (`LICENSE`)");
    for (const kept of ["[x](https://example.org/a)", "[x](#part)", "[x](mailto:a@example.org)"]) {
      assert.equal(pack(kept), kept);
    }
  });

  it("leaves README.md without a link that needs a file beside it, and names files that are packed", () => {
    const text = packReadme(readFileSync(join(root, "README.md"), "utf8"), manifest);
    assert.deepEqual(text.match(/\]\((?![a-z]+:|#)[^)]*\)/g), null);
    assert.match(text, /^# Busbar\n\nPaths are those of the package/);
    for (const [, path = ""] of text.matchAll(/`((?:docs|schema|proto)\/[^`]*)`/g)) {
      assert.ok(existsSync(join(root, path)), path);
    }
  });
});

describe("packDocument", () => {
  const pack = (text: string): string => packDocument("docs/guides/a.md", text, { version: "1.0.0", files: ["docs"] });

  it("keeps links to what is packed, and names what is in the source alone", () => {
    for (const kept of [
      "[b](b.md#part)",
      "[c](../reference/c.md)",
      "[d](#d)",
      "![i](../images/i.png)",
      "[e](https://example.org/e)",
    ]) {
      assert.equal(pack(kept), kept);
    }
    assert.equal(pack("[the example](../../examples/x/)"), "the example (`examples/x/` in the source)");
    assert.equal(pack("[`examples/x/`](../../examples/x/#part)"), "`examples/x/` in the source");
  });
});

describe("packing", () => {
  const files = ["package.json", "README.md", "docs/guides/deploy.md"];
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "busbar-packing-"));
    for (const path of [...files, "scripts/packed-files.ts", "src/cli/node-version.ts"]) {
      cpSync(join(root, path), join(folder, path), { recursive: true });
    }
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const run = (...args: readonly string[]): void => {
    const { status, stderr } = spawnSync(process.execPath, [join(folder, "scripts", "packed-files.ts"), ...args]);
    assert.equal(status, 0, String(stderr));
  };
  const read = (name: string): string => readFileSync(join(folder, name), "utf8");
  const originals = files.map((name) => readFileSync(join(root, name), "utf8"));

  it("puts other files in the place of some, and these back, also after one that was killed", () => {
    run();
    const packed = files.map(read);
    for (const [index, text] of packed.entries()) assert.notEqual(text, originals[index]);
    run(); // of the one before no postpack has come
    assert.deepEqual(files.map(read), packed);
    run("--restore");
    assert.deepEqual(files.map(read), originals);
    assert.equal(existsSync(join(folder, ".pack")), false);
  });

  it("leaves alone what somebody has changed after one that was killed", () => {
    run();
    writeFileSync(join(folder, "README.md"), "mine");
    run("--restore");
    assert.deepEqual(files.map(read), [originals[0], "mine", originals[2]]);
  });

  it("changes nothing where there is nothing to put back", () => {
    run("--restore");
    assert.deepEqual(files.map(read), originals);
  });
});
