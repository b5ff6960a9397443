// A folder that was made is there after a power cut only if the folder above it was synced: by the system calls.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { it } from "node:test";
import { requirePeer } from "../src/testing/require.ts";
import { findStrace } from "./durability/strace.ts";

const strace = requirePeer("strace", findStrace);

it("every folder above a new state directory that had to be made is synced", { skip: strace.skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), "busbar-folders-"));
  const trace = join(folder, "trace");
  const stateDir = join(folder, "deep", "down", "state");
  const module = new URL("../src/adapters/journal-sqlite/state-dir.ts", import.meta.url).href;
  const script = `const { prepareStateDir } = await import(${JSON.stringify(module)});
    prepareStateDir(${JSON.stringify(stateDir)}, true);`;
  const args = ["-f", "-qq", "-s", "512", "-e", "trace=/^(mkdir|openat?|fsync)", "-o", trace];
  const node = [process.execPath, "--input-type=module", "-e", script];
  const { status, stderr } = spawnSync(strace.found ? strace.peer : "", [...args, ...node], { encoding: "utf8" });
  assert.equal(status, 0, stderr);
  const calls = readFileSync(trace, "utf8").split("\n");
  const made = calls.flatMap((call, at) => {
    const path = /mkdir(?:at)?\(.*"([^"]+)", 0\d+\) += 0/.exec(call)?.[1];
    return path?.startsWith(join(folder, "deep")) ? [{ path, at }] : [];
  });
  assert.deepEqual(
    made.map(({ path }) => path),
    [join(folder, "deep"), join(folder, "deep", "down"), stateDir, join(stateDir, "owners")],
  );
  for (const { path, at } of made) {
    const later = calls.slice(at + 1);
    const opened = later.findIndex((call) => call.includes(`"${dirname(path)}"`) && / = \d+$/.test(call));
    const fd = / = (\d+)$/.exec(later[opened] ?? "")?.[1];
    assert.match(later[opened + 1] ?? "", new RegExp(`fsync\\(${fd}\\) += 0`), `the folder above ${path}`);
  }
  rmSync(folder, { recursive: true, force: true });
});
