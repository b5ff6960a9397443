// After a container has started: whether it got what its mounts led to when they were looked at. The engine follows the
// paths by itself, in between.
import { posix } from "node:path";
import { pause } from "../../kernel/pause.ts";
import { type ContainerState, inspectContainer } from "./containers.ts";
import type { Job } from "./job.ts";
import { hasOwnMounts, isSamePlace, type MountEntry, readMounts } from "./mountinfo.ts";
import type { ResolvedMount } from "./resolve-mounts.ts";

const PAUSE_MS = 20;
const AWAY_PAUSE_MS = 250;
/** Of a container of which the engine did not say anything. */
const UNKNOWN: Pick<ContainerState, "is" | "pid"> = { is: "created", pid: 0 };

/**
 * Resolves with a mount that shows something else; undefined where all are right, or where nobody can tell: the
 * container has ended, its process is on another machine or not to be looked at.
 * @param signal nothing is to be found out any more
 */
export async function findMovedMount(
  { tools, request }: Pick<Job, "tools" | "request">,
  id: string,
  mounts: readonly ResolvedMount[],
  signal: AbortSignal,
): Promise<ResolvedMount | undefined> {
  if (mounts.length === 0) return undefined;
  while (!signal.aborted) {
    const inspected = await inspectContainer(tools, request.program, id);
    if (inspected.found === "nothing") return undefined;
    const { is, pid } = inspected.found === "container" ? inspected.container.state : UNKNOWN;
    if (is === "exited") return undefined;
    if (is === "running" && pid > 0) {
      const table = (await hasOwnMounts(pid)) ? await readMounts(pid) : undefined;
      return table === undefined || !isOfContainer(table) ? undefined : mounts.find((mount) => isMoved(table, mount));
    }
    await pause(tools.clock, inspected.found === "container" ? PAUSE_MS : AWAY_PAUSE_MS, signal);
  }
  return undefined;
}

/** What engines mount into every container: a runtime that shows another table (a virtual machine) has none of it. */
function isOfContainer(table: readonly MountEntry[]): boolean {
  return table.some(({ mountPoint }) => /^\/etc\/(?:hosts|hostname|resolv\.conf)$/.test(mountPoint));
}

function isMoved(table: readonly MountEntry[], { target, place }: ResolvedMount): boolean {
  const there = table.findLast(({ mountPoint }) => mountPoint === plain(target));
  // Within the image a link may lead the mount elsewhere.
  return there === undefined ? !table.some((entry) => isSamePlace(entry, place)) : !isSamePlace(there, place);
}

function plain(path: string): string {
  return posix.normalize(path).replace(/(?<=.)\/$/, "");
}
