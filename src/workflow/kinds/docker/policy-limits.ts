import { formatBytes } from "../../../kernel/bytes.ts";
import type { HostPolicy, Refusal } from "../../policy/policy.ts";
import { quote } from "../../tree/raw.ts";

/** The most that a container may use. */
export interface ContainerLimits {
  /** Bytes. */
  readonly maxMemory?: number;
  readonly maxCpus?: number;
}

const UNITS: { readonly [unit: string]: number } = { "": 1, b: 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 };

/** `512m` as the engines read it; undefined for what is no amount, and for 0, which is no limit to them. */
export function bytesOf(text: string): number | undefined {
  const [, amount, unit = ""] = /^(\d+(?:\.\d+)?)([bkmgt]?)(?:i?b)?$/i.exec(text) ?? [];
  const bytes = Number(amount) * (UNITS[unit.toLowerCase()] ?? Number.NaN);
  return bytes > 0 ? bytes : undefined;
}

export function refuseLimits(
  policy: Pick<HostPolicy, "name">,
  { maxMemory, maxCpus }: ContainerLimits,
  options: readonly string[],
): readonly Refusal[] {
  const refuse = (key: string, value: string, most: string): Refusal => ({
    path: ["docker", key],
    message: `${key} ${quote(value)} is not allowed on this host: docker.max_${key} of ${policy.name} is ${most}`,
    remedy: `Ask for less, or have whoever runs this host raise docker.max_${key} in ${policy.name}.`,
  });
  return [
    ...valuesOf(options, "memory")
      .filter((value) => maxMemory !== undefined && (bytesOf(value) ?? Number.POSITIVE_INFINITY) > maxMemory)
      .map((value) => refuse("memory", value, formatBytes(maxMemory ?? 0))),
    ...valuesOf(options, "cpus")
      .filter((value) => maxCpus !== undefined && !(isDecimal(value) && Number(value) > 0 && Number(value) <= maxCpus))
      .map((value) => refuse("cpus", value, String(maxCpus))),
  ];
}

/** The options that give a container the host's limits where it has none of its own. */
export function limitOptions({ maxMemory, maxCpus }: ContainerLimits, options: readonly string[]): readonly string[] {
  const has = (name: string): boolean => valuesOf(options, name).length > 0;
  return [
    ...(maxMemory === undefined || has("memory") ? [] : [`--memory=${Math.floor(maxMemory)}`]),
    ...(maxCpus === undefined || has("cpus") ? [] : [`--cpus=${maxCpus}`]),
  ];
}

function valuesOf(options: readonly string[], name: string): readonly string[] {
  const prefix = `--${name}=`;
  return options.filter((option) => option.startsWith(prefix)).map((option) => option.slice(prefix.length));
}

function isDecimal(text: string): boolean {
  return /^(?:\d+(?:\.\d*)?|\.\d+)$/.test(text);
}
