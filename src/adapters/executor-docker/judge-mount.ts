// Whether what a path of a mount leads to now may be mounted (semantics.md, "Host policy").
import type { Finding } from "../../engine/finding.ts";
import { cleanText } from "../../kernel/text.ts";
import { isAbsolute, powerOfPath } from "../../workflow/kinds/docker/host-paths.ts";
import { type ContainerPolicy, containersOf } from "../../workflow/kinds/docker/policy.ts";
import { findRoot, type MountRoot } from "../../workflow/kinds/docker/policy-mounts.ts";
import { type HostPolicy, liesIn } from "../../workflow/policy/policy.ts";
import { type Walk, walkPath } from "./walk-path.ts";

/** What is wrong with a mount. */
export interface MountProblem {
  readonly code: Extract<Finding["code"], "MOUNT_NOT_FOUND" | "MOUNT_NOT_ALLOWED">;
  /** Goes on from the path. */
  readonly text: string;
}

export type MountVerdict = {
  /** Without links; undefined where this process may not look, though the engine may. Of what is not there, where it would be made. */
  readonly real?: string;
} & ({ readonly ok: true } | { readonly ok: false; readonly problem: MountProblem });

const MISSING: MountProblem = {
  code: "MOUNT_NOT_FOUND",
  text: "does not exist on this machine. Make it, or correct the mount",
};

/**
 * @param source absolute
 * @param allow host paths that the file allows by name although they give power over the machine
 */
export async function judgeMountedPath(
  source: string,
  allow: readonly string[],
  policy: HostPolicy | undefined,
): Promise<MountVerdict> {
  const walk = await walkPath(source);
  if (policy !== undefined) {
    const problem = await judgeByPolicy(source, walk, policy);
    if (problem !== undefined) return { ok: false, problem };
  }
  if (walk === undefined) return { ok: true };
  const power = powerOfPath(source, allow) === undefined ? powerOfPath(walk.real, allow) : undefined;
  if (power === undefined)
    return { ...(walk.exists ? { ok: true } : { ok: false, problem: MISSING }), real: walk.real };
  const real = cleanText(walk.real);
  return notAllowed(`leads to ${real}: ${power}. Mount another folder, or allow "${real}" in docker.allow`);
}

async function judgeByPolicy(
  source: string,
  walk: Walk | undefined,
  policy: HostPolicy,
): Promise<MountProblem | undefined> {
  const { mounts }: ContainerPolicy = containersOf(policy);
  const root = findRoot(mounts, source);
  const list = `docker.mounts of ${policy.name}`;
  const refuse = (text: string): MountProblem => ({ code: "MOUNT_NOT_ALLOWED", text });
  if (root === undefined) return refuse(`is not allowed on this host: ${list} does not have it`);
  const rootWalk = await walkPath(root.path);
  if (walk === undefined || rootWalk === undefined) {
    return refuse("leads through links that cannot be followed. Mount a folder without links on the way to it");
  }
  if (!walk.exists || !rootWalk.exists) return MISSING;
  if (!liesIn(walk.real, rootWalk.real)) {
    return refuse(`leads to ${cleanText(walk.real)}, which ${list} does not have. Mount another folder`);
  }
  const writable = await findWritable(mounts, walk.through);
  if (writable === undefined) return undefined;
  return refuse(
    `is reached through ${cleanText(writable)}, which containers may write (${list}): one could put a link in its place. Mount that folder itself`,
  );
}

/** A folder that containers may write, of those through which a path leads. */
async function findWritable(mounts: readonly MountRoot[], through: readonly string[]): Promise<string | undefined> {
  for (const { path, readOnly } of mounts) {
    if (readOnly || !isAbsolute(path)) continue;
    const walk = await walkPath(path);
    if (walk !== undefined && through.some((folder) => liesIn(folder, walk.real))) return walk.real;
  }
  return undefined;
}

function notAllowed(text: string): MountVerdict {
  return { ok: false, problem: { code: "MOUNT_NOT_ALLOWED", text } };
}
