// Makes `npm test`, `npm run demo` and `npm run build` work in a fresh clone:
// installs the dependencies when they are missing or not those of the lock file.
// Plain JavaScript that Node 20 can run; it is what brings Node 24.
// Usage: node scripts/ensure-deps.mjs [FOLDER]   (default: the project; otherwise a folder of it with a lock file of its own)
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const root = resolve(fileURLToPath(new URL("..", import.meta.url)), process.argv[2] ?? ".");
const stamp = join(root, "node_modules", ".lock-sha256");
const lock = join(root, ".install-lock");
const wanted = createHash("sha256")
  .update(readFileSync(join(root, "package-lock.json")))
  .digest("hex");

function isCurrent() {
  try {
    return readFileSync(stamp, "utf8") === wanted;
  } catch {
    return false;
  }
}

/** Two commands started together in a fresh clone must not install at the same time. */
async function withLock(work) {
  for (;;) {
    try {
      mkdirSync(lock);
      writeFileSync(join(lock, "pid"), String(process.pid));
      break;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
      if (ownerIsGone()) rmSync(lock, { recursive: true, force: true });
      else await sleep(200);
    }
  }
  try {
    work();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

function ownerIsGone() {
  let pid;
  try {
    pid = Number(readFileSync(join(lock, "pid"), "utf8"));
  } catch {
    // The pid is written right after the folder is made; an old folder without one was left by a kill.
    try {
      return Date.now() - statSync(lock).mtimeMs > 5000;
    } catch {
      return false;
    }
  }
  if (!pid) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return error.code === "ESRCH";
  }
}

function install() {
  if (isCurrent()) return;
  const npm = process.env.npm_execpath;
  const [command, ...first] = npm ? [process.execPath, npm] : [process.platform === "win32" ? "npm.cmd" : "npm"];
  process.stderr.write("busbar: installing dependencies (once; later calls skip this)\n");
  // `npm ci` removes node_modules, and with it the Node that may be running this: npm keeps its own file open, so that works.
  const result = spawnSync(command, [...first, "ci", "--loglevel=error", "--ignore-scripts=false"], {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit"],
    shell: !npm && process.platform === "win32",
    env: { ...process.env, BUSBAR_SKIP_PREPARE: "1" },
  });
  if (result.status !== 0) {
    process.stderr.write("busbar: npm ci failed; its own words are above. Is the npm registry reachable?\n");
    process.exit(result.status ?? 1);
  }
  writeFileSync(stamp, wanted);
}

if (!isCurrent()) await withLock(install);
