import type { RetentionLimits } from "../app/server/retention.ts";
import { DEFAULT_RETENTION } from "../app/server/retention.ts";
import { formatBytes } from "../kernel/bytes.ts";
import { BusbarError } from "../kernel/errors.ts";
import { parseBytes, parseDuration } from "./times.ts";

const DAY_MS = 86_400_000;

/**
 * `max-age=30d,max-runs=1000,max-bytes=2GiB`, each of them or `off`: what is left out is as without the option.
 * @throws BusbarError USAGE
 */
export function parseRetention(text: string | undefined): RetentionLimits {
  if (text === undefined) return DEFAULT_RETENTION;
  if (text === "off") return {};
  const { max_age_ms, max_runs, max_bytes } = DEFAULT_RETENTION;
  let limits: Partial<{ -readonly [K in keyof RetentionLimits]: RetentionLimits[K] | undefined }> = {
    ...{ max_age_ms, max_runs, max_bytes },
  };
  for (const part of text.split(",")) {
    const [name, value] = part.split("=", 2);
    if (value === undefined) throw refused(part);
    limits = { ...limits, ...readLimit(name, value) };
  }
  return Object.fromEntries(Object.entries(limits).filter(([, limit]) => limit !== undefined));
}

function readLimit(name: string | undefined, value: string) {
  const isOff = value === "off";
  if (name === "max-age") return { max_age_ms: isOff ? undefined : parseDuration("retention max-age", value) };
  if (name === "max-bytes") return { max_bytes: isOff ? undefined : parseBytes("retention max-bytes", value) };
  if (name !== "max-runs" || !(isOff || /^\d{1,9}$/.test(value))) throw refused(`${name}=${value}`);
  return { max_runs: isOff ? undefined : Number(value) };
}

function refused(part: string): BusbarError {
  const message = `--retention is off, or one or more of max-age=30d, max-runs=1000 and max-bytes=2GiB with commas between; not "${part}"`;
  return new BusbarError("USAGE", message);
}

/** What applies, in one line. */
export function describeRetention({ max_age_ms, max_runs, max_bytes }: RetentionLimits): string {
  const limits = [
    ...(max_age_ms === undefined ? [] : [`for ${describeAge(max_age_ms)}`]),
    ...(max_runs === undefined ? [] : [`at most ${max_runs.toLocaleString("en")}`]),
    ...(max_bytes === undefined ? [] : [`within ${describeSize(max_bytes)}`]),
  ];
  if (limits.length === 0) return "retention: runs are kept until somebody prunes them";
  return `retention: ended runs that a server started are kept ${limits.join(", ")}; --retention changes it`;
}

function describeSize(bytes: number): string {
  const gibibytes = bytes / 1024 ** 3;
  return Number.isInteger(gibibytes) && gibibytes > 0 ? `${gibibytes} GiB` : formatBytes(bytes);
}

function describeAge(ms: number): string {
  const days = Math.round((ms / DAY_MS) * 10) / 10;
  return `${days} ${days === 1 ? "day" : "days"}`;
}
