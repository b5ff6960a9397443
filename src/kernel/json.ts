/** What JSON can say. Requests and outputs of nodes are opaque values of this type to engine and journal. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
/** An object of JSON: its keys are the fields of whatever stands there. */
export type JsonObject = { readonly [key: string]: Json };

/** Deeper than this, and of more values than that, what is left is told in a word. */
const MAX_DEPTH = 32;
const MAX_VALUES = 10_000;

/**
 * A frozen copy of any value that JSON can say and every thread can be sent, for what must not fail to be told:
 * numbers that JSON has no word for (NaN, 10n) become texts, errors their message, functions and symbols a word in
 * brackets, as does what contains itself or has no end. Fields that are undefined are left out. Never throws.
 */
export function toJson(value: unknown): Json {
  let left = MAX_VALUES;

  function copy(value: unknown, above: readonly unknown[]): Json {
    left -= 1;
    switch (typeof value) {
      case "string":
      case "boolean":
        return value;
      case "number":
        return Number.isFinite(value) ? value : String(value);
      case "bigint":
        return String(value);
      case "object":
        return value === null ? null : copyObject(value, above);
      default:
        return value === undefined ? null : `[${typeof value}]`;
    }
  }

  function copyObject(value: object, above: readonly unknown[]): Json {
    if (above.includes(value)) return "[circular]";
    if (above.length >= MAX_DEPTH || left <= 0) return "[too much]";
    const below = [...above, value];
    try {
      if (Array.isArray(value)) return Object.freeze(Array.from(value, (item) => copy(item, below)));
      if ("toJSON" in value && typeof value.toJSON === "function") return copy(value.toJSON(), below);
      if (value instanceof Error) return String(value);
      const fields = Object.entries(value).filter(([, field]) => field !== undefined);
      return Object.freeze(Object.fromEntries(fields.map(([key, field]) => [key, copy(field, below)])));
    } catch {
      // A getter that throws, or a proxy that is revoked.
      return "[unreadable]";
    }
  }

  return copy(value, []);
}
