import { BusbarError } from "../kernel/errors.ts";
import { parseTimestamp } from "../kernel/timestamp.ts";

const UNIT_MS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
};

const DURATION = /^(\d+(?:\.\d+)?)([smhdw])$/;
const TIME = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/;

/**
 * `90s`, `15m`, `12h`, `30d`, `2w`: milliseconds.
 * @throws BusbarError USAGE
 */
export function parseDuration(option: string, text: string): number {
  const ms = durationMs(text);
  if (ms !== undefined) return ms;
  throw new BusbarError("USAGE", `--${option} is a duration like 90s, 15m, 12h, 30d or 2w, not "${text}".`);
}

/**
 * A time, or how long ago it was, as milliseconds since 1970. A time without a zone is UTC, as all times are shown.
 * @throws BusbarError USAGE
 */
export function parseTimeOrAge(option: string, text: string, nowMs: number): number {
  const age = durationMs(text);
  if (age !== undefined) return nowMs - age;
  const match = TIME.exec(text);
  const withoutZone = match !== null && match[1] === undefined && text.length > "2026-11-23".length;
  const at = match === null ? Number.NaN : parseTimestamp(`${text.replace(" ", "T")}${withoutZone ? "Z" : ""}`);
  if (!Number.isNaN(at)) return at;
  const message = `--${option} is a time like 2026-11-23 or 2026-11-23T15:04Z, or how long ago, like 12h or 30d, not "${text}".`;
  throw new BusbarError("USAGE", message);
}

const BYTES = /^(\d+(?:\.\d+)?)\s?(|[kKMGT]i?)B?$/;

/**
 * `1500000`, `500MB`, `1.5 GB` (powers of 1000), `2GiB` (of 1024).
 * @throws BusbarError USAGE
 */
export function parseBytes(option: string, text: string): number {
  const [, amount, unit = ""] = BYTES.exec(text) ?? [];
  const power = "kmgt".indexOf(unit.slice(0, 1).toLowerCase()) + 1;
  const bytes = Math.round(Number(amount) * (unit.endsWith("i") ? 1024 : 1000) ** (unit === "" ? 0 : power));
  if (Number.isSafeInteger(bytes)) return bytes;
  throw new BusbarError("USAGE", `--${option} is an amount like 1500000, 500MB or 2GiB, not "${text}".`);
}

function durationMs(text: string): number | undefined {
  const [, amount, unit = ""] = DURATION.exec(text) ?? [];
  const ms = Number(amount) * (UNIT_MS[unit] ?? Number.NaN);
  // Beyond that no time is left to count back from.
  return ms <= 8e15 ? ms : undefined;
}
