// src/gen is committed, so that an installation needs no generator; here it is made again and compared.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { it } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

function filesOf(folder: string): { [path: string]: string } {
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".ts"));
  return Object.fromEntries(paths.sort().map((path) => [path, readFileSync(join(folder, path), "utf8")]));
}

it("keeps the generated messages equal to the protos", () => {
  const out = mkdtempSync(join(tmpdir(), "busbar-gen-"));
  try {
    const bin = join(root, "node_modules", ".bin");
    const template = readFileSync(join(root, "buf.gen.yaml"), "utf8").replace("out: src/gen", `out: ${out}`);
    const buf = join(root, "node_modules", "@bufbuild", "buf", "bin", "buf");
    const result = spawnSync(process.execPath, [buf, "generate", "--template", template], {
      cwd: root,
      env: { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` },
      encoding: "utf8",
    });
    assert.equal(result.status, 0, result.stderr);
    assert.deepEqual(filesOf(out), filesOf(join(root, "src", "gen")));
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
});
