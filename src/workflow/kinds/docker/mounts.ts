import { parseCsv } from "./csv.ts";
import { isAbsolute } from "./host-paths.ts";

export { powerOfPath } from "./host-paths.ts";

/** The parts of `--volume`: `[SOURCE:]TARGET[:MODE]`. */
export interface Volume {
  /** A host path or the name of a volume; undefined for an unnamed volume. */
  readonly source: string | undefined;
  readonly target: string;
  readonly mode: string | undefined;
}

/** A path with a drive holds a colon of its own. */
const VOLUME = /^((?:[\\/]{2}[?.][\\/])?[A-Za-z]:[\\/][^:]*|[^:]*)(?::([A-Za-z]:[\\/][^:]*|[^:]*))?(?::([^:]*))?$/;

/** @returns undefined where it has too many parts */
export function splitVolume(value: string): Volume | undefined {
  const parts = VOLUME.exec(value);
  if (parts === null) return undefined;
  const [, first = "", second, mode] = parts;
  return second === undefined
    ? { source: undefined, target: first, mode: undefined }
    : { source: first, target: second, mode };
}

/** The keys of `--mount` under their full names, in order; a key without a value has the value `true`. */
export type Mount = readonly (readonly [key: string, value: string])[];

const KEY_ALIASES: { readonly [alias: string]: string } = {
  src: "source",
  dst: "target",
  destination: "target",
  ro: "readonly",
  u: "chown",
};

/** @returns undefined where it is no CSV record */
export function splitMount(value: string): Mount | undefined {
  return parseCsv(value)?.map((field) => {
    const equals = field.indexOf("=");
    // The engine's client reads keys in any case.
    const key = (equals < 0 ? field : field.slice(0, equals)).toLowerCase();
    return [
      Object.hasOwn(KEY_ALIASES, key) ? (KEY_ALIASES[key] ?? key) : key,
      equals < 0 ? "true" : field.slice(equals + 1),
    ];
  });
}

/** What `--mount …,volume-opt=…` says to make a volume of; undefined where it says something twice. */
export interface VolumeOptions {
  /** A file system; `none` where nothing is said. */
  readonly type: string;
  /** With `bind` among its options mount(2) makes a bind mount, whatever the type. */
  readonly binds: boolean;
  readonly values: ReadonlyMap<string, string>;
}

export function volumeOptionsOf(mount: Mount): VolumeOptions | undefined {
  const options = mount.flatMap(([key, value]) => (key === "volume-opt" ? [value] : []));
  const values = new Map(
    options.map((option) => /^([^=]*)=?(.*)$/s.exec(option) ?? []).map(([, key = "", value = ""]) => [key, value]),
  );
  if (values.size !== options.length) return undefined;
  const flags = (values.get("o") ?? "").split(",").map((flag) => flag.trim());
  return {
    type: values.get("type") ?? "none",
    binds: flags.some((flag) => /^(?:r?bind|re?mount|move)$/.test(flag)),
    values,
  };
}

/** File systems whose device is no path of the host. */
export const PATHLESS_TYPES = /^(?:nfs\d?|cifs|smb3?|tmpfs)$/;

/** Host paths that a mount shows to the container: its source, or the device of a volume that is made for it. */
export function hostPathsOfMount(mount: Mount): readonly string[] {
  const made = volumeOptionsOf(mount);
  const isHere = made === undefined || made.binds || !PATHLESS_TYPES.test(made.type);
  return mount.flatMap(([key, value]) => {
    const device = key === "volume-opt" && isHere ? /^device=(.*)$/is.exec(value)?.[1] : undefined;
    const path = key === "source" ? value : device;
    return path !== undefined && isAbsolute(path) ? [path] : [];
  });
}

/** Absolute host paths that canonical options (`--volume=…`, `--mount=…`) show to the container; no named volumes. */
export function mountSourcesOf(options: readonly string[]): readonly string[] {
  return options.flatMap((option) => {
    if (option.startsWith("--mount=")) return hostPathsOfMount(splitMount(option.slice("--mount=".length)) ?? []);
    if (!option.startsWith("--volume=")) return [];
    const source = splitVolume(option.slice("--volume=".length))?.source;
    return source !== undefined && isAbsolute(source) ? [source] : [];
  });
}
