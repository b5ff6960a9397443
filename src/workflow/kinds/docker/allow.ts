import { type Place, placeAt } from "../../tree/place.ts";
import type { Problems } from "../../tree/problems.ts";
import { quote } from "../../tree/raw.ts";
import { reportWrongType } from "../../tree/report-wrong-type.ts";
import { isAbsolute } from "./host-paths.ts";
import { canonicalOption, type OptionValue } from "./judgement.ts";
import { findOption } from "./option-names.ts";
import { canonicalValue, POWERS, powerOfOption } from "./powers.ts";

/**
 * `docker.allow`: names of options (`--cap-add`), options with a value (`--network=host`) and host paths, each of
 * which a container may then use. Options come out by their long names.
 */
export function readAllow(problems: Problems, raw: unknown, place: Place): readonly string[] {
  if (!Array.isArray(raw)) {
    reportWrongType(problems, "allow must be a list of texts", raw, place);
    return [];
  }
  return raw.flatMap((entry: unknown, index) => {
    const at = placeAt(place, index);
    if (typeof entry !== "string") {
      reportWrongType(problems, "allow holds texts", entry, at, { wanted: "text" });
      return [];
    }
    if (isAbsolute(entry)) return [entry];
    const canonical = canonicalEntry(entry);
    if (canonical !== undefined) return [canonical];
    const name = entry.split("=")[0] ?? "";
    const suggestion = meantBy(problems, name);
    const known = suggestion === undefined && /^--?[a-z]/.test(entry) && isOption(name);
    const what = known
      ? `${quote(entry)} needs no allowing`
      : `${quote(entry)} is neither an option that needs allowing, like --cap-add or --network=host, nor an absolute path`;
    problems.add("WORKFLOW_INVALID_VALUE", `allow: ${what}`, at, { suggestion });
    return [];
  });
}

function meantBy(problems: Problems, name: string): string | undefined {
  const names = Object.keys(POWERS).map((one) => `--${one}`);
  const dashed = `--${name.replace(/^-+/, "")}`;
  if (dashed !== name && names.includes(dashed)) return dashed;
  return name.startsWith("-") ? problems.suggest(name, names) : undefined;
}

function isOption(name: string): boolean {
  return (findOption("docker", name) ?? findOption("podman", name)) !== undefined;
}

function canonicalEntry(entry: string): string | undefined {
  const equals = entry.indexOf("=");
  const written = equals < 0 ? entry : entry.slice(0, equals);
  if (!written.startsWith("--")) return undefined;
  const option = findOption("docker", written) ?? findOption("podman", written);
  const name = option?.name ?? "";
  if (option === undefined || !Object.hasOwn(POWERS, name)) return undefined;
  if (equals < 0 || (!option.takesValue && entry.endsWith("=true"))) return `--${name}`;
  const value = canonicalValue(name, entry.slice(equals + 1));
  return powerOfOption(name, value) === undefined ? undefined : `--${name}=${value}`;
}

/** The entry that would let an option through; undefined if the file allows it already. */
export function entryToAllow(name: string, value: OptionValue, allow: readonly string[]): string | undefined {
  const entry = canonicalOption(name, typeof value === "string" ? canonicalValue(name, value) : value);
  return allow.includes(`--${name}`) || allow.includes(entry) ? undefined : entry;
}
