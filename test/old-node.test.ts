// On a Node.js that is too old, every entry of the package says so, and which one it needs.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { transformSync } from "esbuild";
import { MIN_NODE_MAJOR } from "../src/cli/node-version.ts";
import { requirePeer } from "../src/testing/require.ts";
import { packCopy, unpack } from "./package/pack.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const dist = join(root, "dist");
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const ENTRIES: readonly string[] = Object.entries<{ readonly default?: string }>(manifest.exports).flatMap(
  ([name, target]) => (target.default === undefined ? [] : [name]),
);
const GUARD = "./require-node.mjs";

const old = requirePeer("old-node", findOldNode, `no Node.js older than ${MIN_NODE_MAJOR} on PATH`);

interface OldNode {
  readonly program: string;
  readonly version: string;
}

/** The first `node` on PATH that is too old; npm puts the project's own in front. */
function findOldNode(): OldNode | undefined {
  const name = process.platform === "win32" ? "node.exe" : "node";
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    const program = join(folder, name);
    if (!existsSync(program)) continue;
    const version = /^v(\d+\.\d+\.\d+)\s*$/.exec(spawnSync(program, ["--version"], { encoding: "utf8" }).stdout)?.[1];
    if (version !== undefined && Number.parseInt(version, 10) < MIN_NODE_MAJOR) return { program, version };
  }
  return undefined;
}

let folder: string;

before(() => {
  folder = mkdtempSync(join(tmpdir(), "busbar-packed-"));
  unpack(packCopy(folder), folder, Object.keys(manifest.dependencies));
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** Imports an entry as a consumer does, and prints how that ended. */
function importEntry(program: string, entry: string, options: readonly string[] = []) {
  const specifier = `busbar${entry.slice(1)}`;
  const show = "(e) => { console.log(e.code, e.message); process.exitCode = 3; }";
  const script = `import(${JSON.stringify(specifier)}).then(() => console.log("loaded"), ${show});`;
  return spawnSync(program, [...options, "-e", script], { cwd: folder, encoding: "utf8" });
}

const saysTooOld = (version: string): RegExp =>
  new RegExp(
    `^NODE_TOO_OLD NODE_TOO_OLD: busbar needs Node\\.js ${MIN_NODE_MAJOR} or newer, this is ${version}\\. .*\\n$`,
  );

describe("the packed library", () => {
  for (const entry of ENTRIES) {
    it(`loads ${entry} on this Node, by import and by require`, () => {
      const { stdout, stderr } = importEntry(process.execPath, entry);
      assert.equal(stdout, "loaded\n", stderr);
      const script = `console.log(typeof require(${JSON.stringify(`busbar${entry.slice(1)}`)}))`;
      assert.equal(spawnSync(process.execPath, ["-e", script], { cwd: folder, encoding: "utf8" }).stdout, "object\n");
    });

    it(`says what ${entry} needs to a Node that only says it is older`, () => {
      // What this Node says it is can be replaced before the file runs.
      const pretend = `data:text/javascript,Object.defineProperty(process.versions,"node",{value:"22.23.3"})`;
      const { status, stdout } = importEntry(process.execPath, entry, ["--import", pretend]);
      assert.match(stdout, saysTooOld("22\\.23\\.3"));
      assert.equal(status, 3);
    });

    it(`says what ${entry} needs to a Node that is older`, { skip: old.skip }, () => {
      assert.ok(old.found);
      const { status, stdout, stderr } = importEntry(old.peer.program, entry);
      assert.match(stdout, saysTooOld(old.peer.version.replaceAll(".", "\\.")), stderr);
      assert.equal(status, 3);
    });
  }

  it("consists of files that an old Node can read and link, each of which asks first whether it is one", () => {
    const guard = readFileSync(join(dist, GUARD), "utf8");
    assert.ok(guard.includes(String(MIN_NODE_MAJOR)));
    const installed = JSON.parse(readFileSync(join(folder, "node_modules", "busbar", "package.json"), "utf8"));
    assert.equal(installed.engines.node, `>=${MIN_NODE_MAJOR}`);
    const packages = Object.keys(manifest.dependencies);
    const apart = ["busbar.mjs", GUARD.slice(2)];
    const files = readdirSync(dist).filter((name) => name.endsWith(".mjs") && !apart.includes(name));
    assert.ok(files.length > ENTRIES.length);
    for (const file of [...files, GUARD]) {
      const text = readFileSync(join(dist, file), "utf8");
      // Nothing to lower: no syntax is newer than the target.
      const [lowered, same] = (["node14", "esnext"] as const).map((target) => transformSync(text, { target }).code);
      assert.ok(lowered === same, `${file} has syntax that Node 14 cannot read`);
      // None of Node's own modules, which an older Node may not have, or not with all that is asked of it.
      const imports = text.matchAll(/^(?:import|\})(?:.* from)? "([^"]+)";$|\bimport\("([^"]+)"\)/gm);
      const imported = [...imports].map(([, name, later]) => name ?? later ?? "");
      assert.ok(file === GUARD || imported.includes(GUARD), file);
      const own = imported.filter(
        (name) => !name.startsWith("./") && !packages.some((one) => `${name}/`.startsWith(`${one}/`)),
      );
      assert.deepEqual(own, [], file);
      if (file !== GUARD) assert.match(text, /^import "\.\/require-node\.mjs";/, file);
    }
  });
});
