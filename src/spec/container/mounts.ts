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

/** @returns undefined where it has more parts than there are */
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

/** Host paths that a mount shows to the container: its source, or the device of a volume that is made for it. */
export function hostPathsOfMount(mount: Mount): readonly string[] {
  const remote = mount.some(([key, value]) => key === "volume-opt" && /^type=(?:nfs\d?|cifs|smb3?)$/i.test(value));
  return mount.flatMap(([key, value]) => {
    const path = key === "source" ? value : key === "volume-opt" && !remote ? /^device=(.*)$/is.exec(value)?.[1] : "";
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
