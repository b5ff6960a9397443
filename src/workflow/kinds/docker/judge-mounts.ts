import { quoteWord } from "../../../kernel/quote-word.ts";
import { quote } from "../../tree/raw.ts";
import { mountRecord } from "./container-option.ts";
import { formatCsv } from "./csv.ts";
import { isAbsolute, plainPath, powerOfPath } from "./host-paths.ts";
import type { Judgement } from "./judgement.ts";
import {
  hostPathsOfMount,
  type Mount,
  PATHLESS_TYPES,
  splitMount,
  splitVolume,
  type Volume,
  volumeOptionsOf,
} from "./mounts.ts";

/** What may stand after the second colon of a volume; other modes of podman take host paths of their own. */
const MODES = new Set(
  "ro rw z Z U O nocopy copy consistent cached delegated shared rshared slave rslave private rprivate bind rbind noexec exec nodev dev nosuid suid idmap".split(
    " ",
  ),
);

const MOUNT_TYPES = ["bind", "volume", "tmpfs", "image", "npipe", "cluster", "devpts", "ramfs"];

const MOUNT_KEYS = new Set(
  "type source target readonly rw bind-propagation bind-nonrecursive bind-recursive consistency volume-nocopy volume-driver volume-label volume-opt volume-subpath subpath image-subpath tmpfs-size tmpfs-mode tmpfs-copyup tmpcopyup notmpcopyup relabel chown idmap no-dereference nocopy noexec nosuid nodev uid gid mode max".split(
    " ",
  ),
);

/** Keys that may be there more than once. */
const REPEATABLE = ["volume-opt", "volume-label"];

const VOLUME_NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]*$/;

export function judgeVolume(value: string, allow: readonly string[]): Judgement {
  const volume = splitVolume(value);
  const unknown = volume?.mode?.split(",").find((one) => !MODES.has(one));
  if (volume === undefined || unknown?.includes("/") || isOnlyHalfWindows(volume)) {
    return {
      invalid: `volume ${quote(value)} has more colons than HOST_PATH:CONTAINER_PATH:ro`,
      remedy: inParts(value),
    };
  }
  const { source, target } = volume;
  if (unknown !== undefined) {
    return {
      invalid: `volume ${quote(value)}: ${quote(unknown)} is no mode of a volume`,
      remedy: `Write ro for read-only, or leave it out. ${inParts(value)}`,
    };
  }
  return (
    judgeSource(`volume ${quote(value)}`, source, allow) ??
    judgeTarget(`volume ${quote(value)}`, target) ?? { option: `--volume=${value}` }
  );
}

/** `/srv/x:y:/data`: the letter before the last colon is no drive where the host path has none. */
function isOnlyHalfWindows({ source, target }: Volume): boolean {
  return source?.startsWith("/") === true && /^[A-Za-z]:\//.test(target);
}

/** How to write a volume that has a colon in one of its paths: a path in the container begins at the last `:/`. */
function inParts(value: string): string {
  const mode = /:([^:/]*)$/.exec(value)?.[1];
  const known = mode?.split(",").every((one) => MODES.has(one)) === true;
  const paths = known ? value.slice(0, -1 - (mode?.length ?? 0)) : value;
  const [, source = "HOST_PATH", target = "/CONTAINER_PATH"] = /^(.+):(\/.*)$/s.exec(paths) ?? [];
  const readOnly = known && mode?.split(",").includes("ro") === true;
  const parts = JSON.stringify({ source, target, ...(readOnly ? { read_only: true } : {}) });
  return `A path with a colon in it is written --mount ${quoteWord(mountRecord(source, target, readOnly))} in a command, and ${parts} under volumes.`;
}

export function judgeMount(value: string, allow: readonly string[]): Judgement {
  const mount = splitMount(value);
  if (mount === undefined)
    return { invalid: `mount ${quote(value)} is not well-formed: type=bind,source=HOST_PATH,target=CONTAINER_PATH` };
  const what = `mount ${quote(value)}`;
  const seen = new Set<string>();
  for (const [key] of mount) {
    if (!MOUNT_KEYS.has(key)) return { invalid: `${what}: ${quote(key)} is no key of a mount that Busbar knows` };
    if (seen.has(key) && !REPEATABLE.includes(key)) return { invalid: `${what}: ${key} stands there twice` };
    seen.add(key);
  }
  const values = new Map(mount);
  const type = (values.get("type") ?? "volume").toLowerCase();
  const source = values.get("source");
  if (!MOUNT_TYPES.includes(type))
    return { invalid: `${what}: ${quote(type)} is no type of a mount that Busbar knows` };
  if (type === "bind" && source === undefined) return { invalid: `${what}: a bind mount needs a source` };
  if (!areVolumeOptionsKnown(mount)) {
    return {
      invalid: `${what}: Busbar cannot tell what this volume would reach; make it beforehand with volume create, and mount it by its name`,
    };
  }
  for (const path of hostPathsOfMount(mount)) {
    const refused = judgePath(what, path, allow);
    if (refused !== undefined) return refused;
  }
  const named = type === "image" || (source ?? "") === "" ? undefined : source;
  return (
    judgeSource(what, named, allow, { mayBeName: type !== "bind" }) ??
    judgeTarget(what, values.get("target") ?? "") ?? { option: canonical(mount, type) }
  );
}

/**
 * Whether it is known which paths the options of a new volume reach. The engine makes it by mount(2), which can reach
 * any path: by `device`, which is checked like a source, or by options of an overlay, a loop device or a plugin, which
 * cannot be checked.
 */
function areVolumeOptionsKnown(mount: Mount): boolean {
  const made = volumeOptionsOf(mount);
  if (made === undefined) return false;
  const { type, binds, values } = made;
  if (values.size === 0) return true;
  if (mount.some(([key, value]) => key === "volume-driver" && value !== "local")) return false;
  if (![...values.keys()].every((key) => ["type", "device", "o"].includes(key))) return false;
  if (!binds && PATHLESS_TYPES.test(type)) return true;
  const known = /^(?:(?:r?bind|ro|rw|size=\w+|uid=\d+|gid=\d+|mode=\d+)(?:,|$))*$/.test(values.get("o") ?? "");
  return type === "none" && known && isAbsolute(values.get("device") ?? "/");
}

function canonical(mount: Mount, type: string): string {
  const fields = mount.map(([key, value]) => {
    if (key === "type") return `type=${type}`;
    return value === "true" ? key : `${key}=${value}`;
  });
  return `--mount=${formatCsv(fields)}`;
}

/** @param options.mayBeName whether it can be the name of a volume, too */
function judgeSource(
  what: string,
  source: string | undefined,
  allow: readonly string[],
  { mayBeName = true }: { readonly mayBeName?: boolean } = {},
): Judgement | undefined {
  if (source === undefined) return undefined;
  if (isAbsolute(source)) return judgePath(what, source, allow);
  const isName = VOLUME_NAME.test(source);
  if (mayBeName && isName) return undefined;
  if (source === "") return { invalid: `${what} names no host path` };
  return {
    invalid: `${what}: the host path must be absolute, because nobody can say what ${quote(source)} would be relative to`,
    remedy: `Write the full path of ${quote(source)}, from the root; ${isName ? "a volume of that name is mounted with type=volume" : "the name of a volume has letters, digits, _ . and - only"}.`,
  };
}

function judgePath(what: string, path: string, allow: readonly string[]): Judgement | undefined {
  const power = powerOfPath(path, allow);
  return power === undefined ? undefined : { power: `${what} is not allowed: ${power}`, entry: plainPath(path) };
}

function judgeTarget(what: string, target: string): Judgement | undefined {
  if (isAbsolute(target)) return undefined;
  return {
    invalid: `${what}: the path in the container must be absolute, not ${quote(target)}`,
    remedy: "Begin the path in the container with /.",
  };
}
