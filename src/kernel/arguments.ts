// Checks of the arguments of public functions, for programs without types or with wrong ones. The error names the
// argument as the caller knows it, what was expected and what came. Only public functions check; inside, types are
// enough.
import { describeValue } from "./describe-value.ts";
import { BusbarError } from "./errors.ts";
import { quoteWord } from "./quote-word.ts";
import { escapeUnseen } from "./text.ts";
import { parseTimestamp } from "./timestamp.ts";

/** An object whose fields are looked at by name. */
export type Fields = { readonly [key: string]: unknown };

/**
 * @param name     of the argument, with the way to it: `options.stateDir`
 * @param expected what it must be, for a sentence: `a text`
 * @throws BusbarError USAGE, always
 */
export function refuseArgument(name: string, expected: string, value: unknown): never {
  const got = describeValue(value);
  throw new BusbarError("USAGE", `${name} must be ${expected}, not ${got}`, { details: { argument: name, expected } });
}

/** @throws BusbarError USAGE */
export function requireText(name: string, value: unknown, expected = "a text"): void {
  if (typeof value !== "string") refuseArgument(name, expected, value);
}

/** A text with something in it: a name, a path. @throws BusbarError USAGE */
export function requireWord(name: string, value: unknown, expected = "a text that is not empty"): void {
  if (typeof value !== "string" || value.trim() === "") refuseArgument(name, expected, value);
}

/** @throws BusbarError USAGE */
export function requireTimestamp(name: string, value: unknown): void {
  if (typeof value === "string" && !Number.isNaN(parseTimestamp(value))) return;
  refuseArgument(name, "a timestamp like 2026-11-23T15:04:05Z", value);
}

/** @throws BusbarError USAGE */
export function requireBoolean(name: string, value: unknown): void {
  if (typeof value !== "boolean") refuseArgument(name, "true or false", value);
}

/** @throws BusbarError USAGE */
export function requireFunction(name: string, value: unknown): void {
  if (typeof value !== "function") refuseArgument(name, "a function", value);
}

/** @throws BusbarError USAGE */
export function requireOneOf(name: string, value: unknown, allowed: readonly string[]): void {
  if (allowed.some((word) => word === value)) return;
  refuseArgument(name, `one of ${allowed.map((word) => `"${word}"`).join(", ")}`, value);
}

/**
 * A whole number within bounds, both of which are allowed.
 * @throws BusbarError USAGE
 */
export function requireWhole(name: string, value: unknown, min: number, max = Number.MAX_SAFE_INTEGER): void {
  const bounds = max === Number.MAX_SAFE_INTEGER ? `from ${min} on` : `from ${min} to ${max}`;
  if (!Number.isSafeInteger(value)) refuseArgument(name, `a whole number ${bounds}`, value);
  if (Number(value) < min || Number(value) > max) refuseArgument(name, `a whole number ${bounds}`, value);
}

/** Any number but NaN and the infinite ones. @throws BusbarError USAGE */
export function requireNumber(name: string, value: unknown): void {
  if (!Number.isFinite(value)) refuseArgument(name, "a number", value);
}

/** A number of milliseconds, fractions too. @throws BusbarError USAGE */
export function requireMs(name: string, value: unknown): void {
  if (typeof value !== "number" || !Number.isFinite(value) || value < 0) {
    refuseArgument(name, "a number of milliseconds, 0 or more", value);
  }
}

/** @throws BusbarError USAGE */
export function requireObject(name: string, value: unknown, expected = "an object"): void {
  if (!isFields(value)) refuseArgument(name, expected, value);
}

/** What has these methods, such as a clock. @throws BusbarError USAGE */
export function requireMethods(name: string, value: unknown, methods: readonly string[]): void {
  const expected = `an object with the functions ${methods.join(", ")}`;
  if (!isFields(value)) refuseArgument(name, expected, value);
  for (const method of methods) requireFunction(`${name}.${method}`, value[method]);
}

/** What is thrown where a value is wrong. */
export type Check = (name: string, value: unknown) => void;

/** A check of each field that there may be. */
export type FieldChecks<T> = { readonly [field in keyof Required<T>]: Check };

/** For a field that may be left out. */
export function optional(check: Check): Check {
  return (name, value) => requireIfGiven(name, value, check);
}

/**
 * An object with these fields and no others: a misspelt one would be passed over in silence.
 * @throws BusbarError USAGE
 */
export function requireFields<T>(name: string, value: unknown, checks: FieldChecks<T>, expected?: string): void {
  requireObject(name, value, expected);
  const fields = value as Fields;
  const known = Object.keys(checks);
  const other = Object.keys(fields).find((field) => !known.includes(field) && fields[field] !== undefined);
  if (other !== undefined) {
    const expected = `one of ${known.join(", ")}`;
    const message = `${name} must have no ${quoteWord(escapeUnseen(other))}; known are ${known.join(", ")}`;
    throw new BusbarError("USAGE", message, { details: { argument: `${name}.${other}`, expected } });
  }
  for (const [field, check] of Object.entries<Check>(checks)) check(`${name}.${field}`, fields[field]);
}

/**
 * A list whose items are all right; the first that is not is named: `events[3]`.
 * @param expected what an item must be
 * @throws BusbarError USAGE
 */
export function requireEach(name: string, value: unknown, isRight: (item: unknown) => boolean, expected: string): void {
  if (!Array.isArray(value)) refuseArgument(name, `a list, each item ${expected}`, value);
  const wrong = value.findIndex((item: unknown) => !isRight(item));
  if (wrong >= 0) refuseArgument(`${name}[${wrong}]`, expected, value[wrong]);
}

/** @throws BusbarError USAGE */
export function requireMap(name: string, value: unknown): void {
  if (!hasTag(value, "Map")) refuseArgument(name, "a Map", value);
}

/** Checks what may be left out, where it is there. @throws BusbarError USAGE */
export function requireIfGiven(name: string, value: unknown, check: (name: string, value: unknown) => void): void {
  if (value !== undefined) check(name, value);
}

/** An object with fields, for checks that only say yes or no. */
export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Bytes or a text. @throws BusbarError USAGE */
export function requireData(name: string, value: unknown): void {
  if (typeof value !== "string" && !hasTag(value, "Uint8Array")) refuseArgument(name, "bytes or a text", value);
}

/** Not `instanceof`: test runners make their own classes of the language's. */
function hasTag(value: unknown, tag: string): boolean {
  return Object.prototype.toString.call(value) === `[object ${tag}]`;
}

/** The port Clock. @throws BusbarError USAGE */
export function requireClock(name: string, value: unknown): void {
  requireMethods(name, value, ["now", "monotonic", "after"]);
}

/** An AbortSignal. @throws BusbarError USAGE */
export function requireSignal(name: string, value: unknown): void {
  if (!hasTag(value, "AbortSignal")) refuseArgument(name, "an AbortSignal", value);
}

/** What `createSecrets` makes. @throws BusbarError USAGE */
export function requireSecrets(name: string, value: unknown): void {
  requireMethods(name, value, ["read", "mask", "maskPieces"]);
}
