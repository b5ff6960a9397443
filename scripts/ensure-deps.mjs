// Makes `npm test`, `npm run demo` and `npm run build` work in a fresh clone: installs the dependencies where what is
// there is not what the lock file names. Plain JavaScript that Node 20 can run; it is what brings Node 24.
// Usage: node scripts/ensure-deps.mjs [FOLDER]   (default: the project; otherwise a folder of it with a lock file of its own)
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { constants } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { endWithNpm, isAlive } from "./end-with-npm.mjs";

const root = resolve(fileURLToPath(new URL("..", import.meta.url)), process.argv[2] ?? ".");
const modules = join(root, "node_modules");
/** Held while installing: the pids of who does and of its npm, and the new node_modules until it is complete. */
const work = join(root, ".install-lock");
const pids = join(work, "pids");
const replaced = join(work, "replaced");
/** What was held, while it is removed: that takes seconds, and nobody may take it for a lock meanwhile. */
const discarded = join(root, ".install-lock.gone");
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"];

if (findMissing().length > 0) {
  endWithNpm();
  try {
    await withLock(install);
  } catch (error) {
    process.stderr.write(`busbar: ${error.message}\n`);
    process.exitCode = error.exitCode ?? 1;
  }
}

/**
 * What the lock file names and a folder has not. Asked of what is there, so that an install by `npm ci` counts, and one
 * that somebody has taken a part out of does not.
 */
function findMissing(folder = root) {
  const wanted = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
  // npm writes this list when all is in place.
  const installed = readJson(join(folder, "node_modules", ".package-lock.json"))?.packages ?? {};
  return Object.keys(wanted).filter(
    (path) => path !== "" && !isThere(join(folder, path), wanted[path], installed[path]),
  );
}

function isThere(path, wanted, installed) {
  if (installed === undefined) return wanted.optional === true && !isForThisMachine(wanted);
  const same = (key) => wanted[key] === undefined || installed[key] === undefined || wanted[key] === installed[key];
  if (installed.version !== wanted.version || !same("integrity")) return false;
  const { name, version } = readJson(join(path, "package.json")) ?? {};
  if (version !== wanted.version) return false;
  // What its install script brings.
  return name !== "node" || existsSync(join(path, "bin", windows() ? "node.exe" : "node"));
}

/**
 * npm goes on without a word where it cannot get an optional package, so that one made for this machine is asked for.
 * One that names no machine is needed by others of its kind, here or elsewhere.
 */
function isForThisMachine({ os, cpu, libc }) {
  if (os === undefined && cpu === undefined) return false;
  const admits = (list, own) =>
    list === undefined || (list.some((name) => !name.startsWith("!")) ? list.includes(own) : !list.includes(`!${own}`));
  return admits(os, process.platform) && admits(cpu, process.arch) && (libc === undefined || libc.includes(findLibc()));
}

function findLibc() {
  process.report.excludeNetwork = true; // otherwise it asks for names of addresses
  return process.report.getReport().header.glibcVersionRuntime === undefined ? "musl" : "glibc";
}

/** Installs beside what is there and only then takes its place: without a network what worked goes on working. */
async function install() {
  if (findMissing().length === 0) return; // somebody else did, meanwhile
  process.stderr.write("busbar: installing dependencies (once; later calls skip this)\n");
  const stage = join(work, "stage");
  mkdirSync(stage);
  for (const name of ["package-lock.json", ".npmrc"]) {
    if (existsSync(join(root, name))) copyFileSync(join(root, name), join(stage, name));
  }
  // Its scripts belong to the project as a whole, which is not there.
  const { scripts: _, ...manifest } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  writeFileSync(join(stage, "package.json"), JSON.stringify(manifest));
  const status = await npm(stage, ["ci", "--loglevel=error", "--ignore-scripts=false"]);
  const kept = existsSync(modules) ? "; node_modules is left as it was" : "";
  if (status !== 0) {
    const reason = `npm ci failed, its own words are above${kept}. Is the npm registry reachable?`;
    throw Object.assign(new Error(reason), { exitCode: status });
  }
  const missing = findMissing(stage);
  if (missing.length > 0) {
    throw new Error(`npm ci left out ${missing.join(", ")}${kept}. Try npm cache verify, then npm ci`);
  }
  takePlace(join(stage, "node_modules"));
  // As `npm ci` does at its end. Where it fails it says so, and what was asked for may work without.
  await npm(root, ["run", "--silent", "--if-present", "prepare"]);
}

/**
 * A signal ends npm, which would go on without us; what it has made so far is of no use.
 * @returns its exit code
 * @throws Error where a signal ended it
 */
async function npm(cwd, args) {
  const path = process.env.npm_execpath;
  const [command, ...first] = path ? [process.execPath, path] : [windows() ? "npm.cmd" : "npm"];
  const options = { cwd, stdio: ["ignore", "ignore", "inherit"], shell: !path && windows() };
  const child = spawn(command, [...first, ...args], options);
  let received;
  const stop = (signal) => {
    received = signal;
    child.kill("SIGKILL"); // of any other signal it takes notice when it is done
  };
  for (const signal of SIGNALS) process.on(signal, stop);
  try {
    if (child.pid !== undefined) appendFileSync(pids, `${child.pid}\n`);
    const [status, signal] = await once(child, "exit");
    const ended = received ?? signal;
    if (ended) throw Object.assign(new Error(`ended by ${ended}`), { exitCode: 128 + constants.signals[ended] });
    return status;
  } catch (error) {
    throw error.syscall?.startsWith("spawn") ? new Error(`npm cannot be started: ${error.message}`) : error;
  } finally {
    for (const signal of SIGNALS) process.off(signal, stop);
  }
}

function takePlace(complete) {
  try {
    if (existsSync(modules)) renameSync(modules, replaced);
    renameSync(complete, modules);
  } catch (error) {
    putBack();
    // On Windows a folder that a program runs from keeps its name.
    throw new Error(`node_modules cannot be replaced: ${error.message}. End what runs from it, then npm ci`);
  }
}

/** Of an install that ended between its two renames. */
function putBack() {
  if (existsSync(replaced) && !existsSync(modules)) renameSync(replaced, modules);
}

/** Two commands started together in a fresh clone must not install at the same time. */
async function withLock(installOnce) {
  let told;
  while (!takeLock()) {
    const owner = findOwner();
    if (owner === "gone") {
      giveUpWork();
      continue;
    }
    if (owner !== undefined && owner !== told) {
      told = owner;
      process.stderr.write(
        `busbar: waiting for process ${owner}, which installs the dependencies (if it does not: remove ${work})\n`,
      );
    }
    await sleep(200);
  }
  try {
    await installOnce();
  } finally {
    giveUpWork();
  }
}

function takeLock() {
  try {
    mkdirSync(work);
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw new Error(
      `the dependencies are missing, and cannot be installed: ${error.message}. Work in a copy of the clone that is yours`,
    );
  }
  writeFileSync(pids, `${process.pid}\n`);
  return true;
}

/** Moved away first: of two that find the same one left by a kill, one does, and never removes the lock of the other. */
function giveUpWork() {
  const remove = () => rmSync(discarded, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  remove();
  try {
    putBack();
    renameSync(work, discarded);
  } catch (error) {
    if (!["ENOENT", "ENOTEMPTY", "EEXIST"].includes(error.code)) throw error;
  }
  remove();
}

/** @returns the pid of who holds the lock, or of the npm that it has left behind; undefined where it is not written yet */
function findOwner() {
  const written = readText(pids)?.split("\n").filter(Boolean).map(Number);
  if (written?.length > 0) return written.find(isAlive) ?? "gone";
  // It is written right after the folder is made; an old folder without was left by a kill.
  const madeAt = statSync(work, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
  return Date.now() - madeAt > 5000 ? "gone" : undefined;
}

function readText(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

function readJson(path) {
  try {
    return JSON.parse(readText(path));
  } catch {
    return undefined;
  }
}

function windows() {
  return process.platform === "win32";
}
