// Plain JavaScript that Node 20 can run: what installs Node 24 ends with npm, too.
import { readFileSync } from "node:fs";

const LOOK_MS = 250;

/**
 * Under `npm run`, ends this program (SIGTERM, as npm's end would have been told) when npm or the shell between is gone:
 * npm hands a signal to the shell at most, a shell hands on none, and nobody can when npm is killed.
 */
export function endWithNpm() {
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const npm = findNpm(parent);
  const timer = setInterval(() => {
    if (process.ppid === parent && isAlive(npm)) return;
    clearInterval(timer);
    process.kill(process.pid, "SIGTERM");
  }, LOOK_MS);
  timer.unref();
}

/**
 * The parent, or the one above where that is a shell that stays (dash); on macOS and Windows the parent has to do.
 * @param {number} parent
 */
function findNpm(parent) {
  try {
    const [, option] = readFileSync(`/proc/${parent}/cmdline`, "utf8").split("\0");
    return option === "-c" ? readStat(parent).parent : parent;
  } catch {
    return parent;
  }
}

/** @param {number} pid */
export function isAlive(pid) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error.code === "EPERM";
  }
  try {
    // One that nobody has waited for yet: in a container without an init that is never.
    return readStat(pid).state !== "Z";
  } catch {
    return true; // no Linux
  }
}

/** @param {number} pid */
function readStat(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // What comes after the name, which may hold anything.
  const [state = "", parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return { state, parent: Number(parent) };
}
