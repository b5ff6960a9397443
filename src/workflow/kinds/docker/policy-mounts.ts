// Which folders of the host containers may mount (semantics.md, "Host policy").
//
// The engine resolves the path of a mount itself, after Busbar has looked at it. So what is mounted must be such that no
// container can change where its path leads in between: a folder that the policy lists, or one below such a folder that
// containers can only read.
import { posix } from "node:path";
import { type HostPolicy, liesIn, type Refusal, refuseUnlisted } from "../../policy/policy.ts";
import { problemOfFolder } from "../../policy/read-texts.ts";
import { type Place, placeAt } from "../../tree/place.ts";
import { isRawObject, quote } from "../../tree/raw.ts";
import { type Reader, readFields } from "../../tree/read-fields.ts";
import { reportWrongType } from "../../tree/report-wrong-type.ts";
import { isAbsolute } from "./host-paths.ts";
import { POLICY_MOUNT_KEYS } from "./keys.ts";
import { type Mount, splitMount, splitVolume } from "./mounts.ts";

/** One of `mounts` of a policy. */
export interface MountRoot {
  /** A folder of the host, absolute; or the name of a volume of the engine. */
  readonly path: string;
  /** Whether containers may only read it. */
  readonly readOnly: boolean;
}

export function readMounts(reader: Reader, raw: unknown, place: Place): readonly MountRoot[] {
  const { problems } = reader;
  if (raw === undefined) return [];
  if (!Array.isArray(raw)) {
    reportWrongType(problems, "mounts must be a list of objects {path, read_only}", raw, place);
    return [];
  }
  const roots = raw.map((one: unknown, index): MountRoot | undefined => {
    const at = placeAt(place, index);
    if (!isRawObject(one)) {
      reportWrongType(problems, "mounts holds objects {path, read_only}", one, at);
      return undefined;
    }
    const { path, read_only: readOnly = false } = readFields(reader, one, at, POLICY_MOUNT_KEYS, "a mount of a policy");
    if (!Object.hasOwn(one, "path")) problems.add("WORKFLOW_MISSING_KEY", "a mount has no path", at);
    if (path === undefined) return undefined;
    const problem = isAbsolute(path) ? problemOfFolder(path) : VOLUME_NAME.test(path) ? undefined : NEITHER;
    if (problem !== undefined) problems.add("WORKFLOW_INVALID_VALUE", `path ${problem}`, placeAt(at, "path"));
    return { path: isAbsolute(path) ? plain(path) : path, readOnly };
  });
  roots.forEach((root, index) => {
    const outer = roots.find((other) => root !== undefined && other !== undefined && isWritableAbove(other, root.path));
    if (outer === undefined) return;
    const message = `path lies in ${quote(outer.path)}, which containers may write: they could put a link in its place`;
    problems.add("WORKFLOW_INVALID_VALUE", message, placeAt(placeAt(place, index), "path"));
  });
  return roots.filter((root) => root !== undefined);
}

const VOLUME_NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]*$/;
const NEITHER = "must be an absolute path, or the name of a volume";

/** A host path that a container is to see, by its text. */
export interface HostMount {
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
  /** Whether the container sees it below a layer of its own (podman: `:O`), which lies elsewhere. */
  readonly isOverlay: boolean;
}

/** What canonical options (`--volume=…`, `--mount=…`) mount of the host's files; named volumes have no absolute source. */
export function mountsOf(options: readonly string[]): readonly HostMount[] {
  return options.flatMap((option) => readMount(option)?.mount ?? []);
}

export function refuseMounts(
  policy: Pick<HostPolicy, "name">,
  roots: readonly MountRoot[],
  options: readonly string[],
): readonly Refusal[] {
  return options.flatMap((option) => {
    const read = readMount(option);
    if (read === undefined) return [];
    const path = ["docker", "volumes"];
    if (read.odd !== undefined) {
      const message = `the mount ${quote(option.replace(/^--\w+=/, ""))} is not allowed on this host, which has a policy (${policy.name}): ${read.odd}`;
      const remedy = "Mount a folder or a volume of the engine by its name, with ro or without.";
      return [{ path, message, remedy }];
    }
    return read.mount === undefined ? [] : refuseMount(policy, roots, read.mount);
  });
}

function refuseMount(
  policy: Pick<HostPolicy, "name">,
  roots: readonly MountRoot[],
  { source, readOnly }: HostMount,
): readonly Refusal[] {
  const path = ["docker", "volumes"];
  const what = `the mount of ${quote(source)}`;
  const root = findRoot(roots, source);
  if (root === undefined) {
    const listed = roots.map((one) => (one.readOnly ? `${one.path} (read_only)` : one.path));
    return [refuseUnlisted(policy, path, what, "docker.mounts", listed, quote(source))];
  }
  const above = roots.find((other) => isWritableAbove(other, plain(source)));
  if (above !== undefined) {
    const message = `${what} is not allowed on this host: it lies below ${quote(above.path)} of ${policy.name}, which containers may write, so that one could put a link in its place`;
    return [{ path, message, remedy: `Mount ${above.path} itself, or have whoever runs this host make it read_only.` }];
  }
  if (!root.readOnly || readOnly) return [];
  const message = `${what} is not allowed on this host but for reading: docker.mounts of ${policy.name} has ${quote(root.path)} as read_only`;
  return [{ path, message, remedy: "Mount it with :ro (read_only: true in parts)." }];
}

/** The folder of a policy that a mount is, or lies in; the innermost one. By text alone. */
export function findRoot(roots: readonly MountRoot[], source: string): MountRoot | undefined {
  const isFolder = isAbsolute(source);
  const holding = roots.filter(({ path }) => (isFolder ? isAbsolute(path) && liesIn(source, path) : path === source));
  return holding.toSorted((a, b) => b.path.length - a.path.length)[0];
}

/** Whether containers may write a folder that the path lies strictly in. */
export function isWritableAbove(root: MountRoot, path: string): boolean {
  return !root.readOnly && isAbsolute(root.path) && root.path !== path && liesIn(path, root.path);
}

function plain(path: string): string {
  return posix.normalize(path).replace(/(?<=.)\/$/, "");
}

interface ReadMount {
  /** Undefined where nothing of the host is mounted. */
  readonly mount?: HostMount;
  /** Why nobody can say what it reaches. */
  readonly odd?: string;
}

const PLAIN_MODES = /^(?:ro|rw|nocopy|consistent|cached|delegated|private|rprivate)$/;

/** What a bind mount or a volume may say, and nothing else: other keys make volumes, or open a mount to the host again. */
const PLAIN_KEYS = new Set([
  "type",
  "source",
  "target",
  "readonly",
  "consistency",
  "volume-nocopy",
  "tmpfs-size",
  "tmpfs-mode",
]);

/** @returns undefined for an option that mounts nothing */
function readMount(option: string): ReadMount | undefined {
  if (option.startsWith("--volume=")) return readVolume(option.slice("--volume=".length));
  return option.startsWith("--mount=") ? readMountRecord(splitMount(option.slice("--mount=".length))) : undefined;
}

function readVolume(value: string): ReadMount {
  const volume = splitVolume(value);
  if (volume === undefined) return { odd: "it cannot be read" };
  const modes = volume.mode?.split(",") ?? [];
  const strange = modes.find((mode, index) => !PLAIN_MODES.test(mode) || modes.indexOf(mode) < index);
  const isBoth = modes.includes("ro") && modes.includes("rw");
  const why = strange === undefined ? "it is ro and rw" : `its mode ${quote(strange)} may change the host`;
  const { source, target } = volume;
  return {
    ...(strange === undefined && !isBoth ? {} : { odd: why }),
    ...(source === undefined
      ? {}
      : { mount: { source, target, readOnly: modes.includes("ro"), isOverlay: modes.includes("O") } }),
  };
}

function readMountRecord(mount: Mount | undefined): ReadMount {
  if (mount === undefined) return { odd: "it cannot be read" };
  const values = new Map(mount);
  const key = mount.find(([one]) => !PLAIN_KEYS.has(one))?.[0];
  const strange = key === undefined ? {} : { odd: `its key ${quote(key)} may reach more than its source` };
  const type = (values.get("type") ?? "volume").toLowerCase();
  if (type !== "bind" && type !== "volume") return type === "tmpfs" ? strange : { odd: `its type is ${quote(type)}` };
  const source = values.get("source");
  if (source === undefined || source === "") return strange;
  const readOnly = values.get("readonly") === "true";
  return { ...strange, mount: { source, target: values.get("target") ?? "", readOnly, isOverlay: false } };
}
