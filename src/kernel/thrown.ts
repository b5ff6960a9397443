// Whatever was thrown, read without trusting it: a getter may throw, a proxy may be revoked, a cause may be its own.
import { describeValue } from "./describe-value.ts";
import type { JsonObject } from "./json.ts";
import { joinClauses } from "./sentences.ts";
import { cutText } from "./text.ts";

/** Causes of causes that are followed, and inner errors that are told of each. */
const MAX_DEPTH = 4;
const MAX_INNER = 5;
/** Bytes of a reason, which people read in one line. */
const MAX_REASON_BYTES = 16 * 1024;
/** Bytes of each message and each stack in a description, of which there may be many. */
const MAX_TEXT_BYTES = 4096;

/** A property, or undefined where there is none or reading it throws. */
export function peek(from: unknown, key: string): unknown {
  try {
    return isObject(from) || typeof from === "function" ? Reflect.get(from, key) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Why something failed, for people: the message and those of its causes that it does not repeat; of an error without a
 * message what its cause or its inner errors say, else its class. Never throws, and is never empty.
 */
export function reasonOf(thrown: unknown): string {
  return cutText(readReason(thrown, []), MAX_REASON_BYTES);
}

function readReason(thrown: unknown, above: readonly unknown[]): string {
  if (typeof thrown === "string" && thrown.trim() !== "") return thrown;
  if (!isObject(thrown)) return `${describeValue(thrown)} was thrown`;
  const said = textAt(thrown, "message");
  // Node's AggregateError of a failed connection says nothing itself.
  const inner = said === undefined ? innerOf(thrown) : [];
  const within = [...inner.slice(0, MAX_INNER), ...causeOf(thrown)].filter((one) => !above.includes(one));
  const deeper = above.length < MAX_DEPTH ? within.map((one) => readReason(one, [...above, thrown])) : [];
  const more = inner.length > MAX_INNER ? [`and ${inner.length - MAX_INNER} more`] : [];
  if (said !== undefined) return joinClauses([said, ...deeper.filter((text) => !said.includes(text))], ": ");
  if (deeper.length > 0) return joinClauses([...new Set(deeper), ...more]);
  return textAt(thrown, "name") === undefined
    ? `${describeValue(thrown)} was thrown`
    : `${classOf(thrown)} without a message`;
}

/** What a log says of it: class, message, code, stack, causes and inner errors. Never throws. */
export function describeThrown(thrown: unknown): JsonObject {
  return describe(thrown, []);
}

function describe(thrown: unknown, above: readonly unknown[]): JsonObject {
  if (!isObject(thrown)) return { message: readReason(thrown, above) };
  if (above.includes(thrown)) return { message: "[circular]" };
  const inside = [...above, thrown];
  const follow = above.length < MAX_DEPTH;
  const code = peek(thrown, "code");
  const stack = textAt(thrown, "stack");
  const [cause] = follow ? causeOf(thrown).map((one) => describe(one, inside)) : [];
  const errors = follow ? innerOf(thrown) : [];
  return {
    class: classOf(thrown),
    message: cutText(textAt(thrown, "message") ?? "", MAX_TEXT_BYTES),
    ...(typeof code === "string" || Number.isFinite(code) ? { code: code as string | number } : {}),
    ...(stack === undefined ? {} : { stack: cutText(stack, MAX_TEXT_BYTES) }),
    ...(cause === undefined ? {} : { cause }),
    ...(errors.length === 0 ? {} : { errors: errors.slice(0, MAX_INNER).map((one) => describe(one, inside)) }),
    ...(errors.length > MAX_INNER ? { errors_left_out: errors.length - MAX_INNER } : {}),
  };
}

/** The name that it gives itself, or that of its class where that says more. */
function classOf(thrown: object): string {
  const name = textAt(thrown, "name");
  const made = textAt(peek(thrown, "constructor"), "name");
  return (name === undefined || name === "Error" ? made : name) ?? name ?? describeValue(thrown);
}

function causeOf(thrown: object): readonly unknown[] {
  const cause = peek(thrown, "cause");
  return cause === undefined || cause === null ? [] : [cause];
}

/** Of an AggregateError. */
function innerOf(thrown: object): readonly unknown[] {
  const errors = peek(thrown, "errors");
  try {
    return Array.isArray(errors) ? Array.from(errors).filter((one) => one !== null && one !== undefined) : [];
  } catch {
    return [];
  }
}

function textAt(from: unknown, key: string): string | undefined {
  const value = peek(from, key);
  return typeof value === "string" && value.trim() !== "" ? value : undefined;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
