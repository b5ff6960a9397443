/** What JSON can say. Requests and outputs of nodes are opaque values of this type to engine and journal. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
/** An object of JSON: its keys are the fields of whatever stands there. */
export type JsonObject = { readonly [key: string]: Json };

/** No data is deeper, and the stack of JSON.stringify allows far more. */
const MAX_DEPTH = 200;

/**
 * What keeps a value from being said in JSON as it is: `JSON.stringify` would drop it, change it or throw. A property
 * that is undefined is taken for one that is not there.
 *
 * @returns where and what, such as `.rows[2] is NaN`; undefined if the value is JSON
 */
export function problemOfJson(value: unknown): string | undefined {
  return isJson(value, 0) ? undefined : findProblem(value, "", 0);
}

/** Without a path to build: nearly every value is JSON. */
function isJson(value: unknown, depth: number): boolean {
  if (value === null || typeof value === "string" || typeof value === "boolean") return true;
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value !== "object" || depth === MAX_DEPTH || !isPlain(value)) return false;
  if (Array.isArray(value)) return value.every((item) => isJson(item, depth + 1)) && !hasHoles(value);
  return Object.values(value).every((item) => item === undefined || isJson(item, depth + 1));
}

function findProblem(value: unknown, path: string, depth: number): string {
  if (typeof value !== "object" || value === null) {
    return `${path} is ${typeof value === "number" || value === undefined ? value : `a ${typeof value}`}`;
  }
  if (depth === MAX_DEPTH) return `${path.slice(0, 40)}… is nested deeper than ${MAX_DEPTH}, or in itself`;
  if (!isPlain(value)) return `${path} is a ${value.constructor?.name ?? "strange object"}`;
  if (Array.isArray(value) && hasHoles(value)) return `${path} has holes`;
  const isArray = Array.isArray(value);
  const [key, item] =
    Object.entries(value).find(([, one]) => (one !== undefined || isArray) && !isJson(one, depth + 1)) ?? [];
  return findProblem(item, isArray ? `${path}[${key}]` : `${path}.${key}`, depth + 1);
}

function isPlain(value: object): boolean {
  if (Array.isArray(value)) return true;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Positions without a value: `every` passes over them, and JSON makes null of them. */
function hasHoles(array: readonly unknown[]): boolean {
  return Object.keys(array).length !== array.length;
}

/** What lies deeper in a value, or comes after so many values, is replaced by `[too much]`. */
const MAX_COPY_DEPTH = 32;
const MAX_COPY_VALUES = 10_000;

/**
 * A frozen copy of any value, as JSON, for reports that must not fail: numbers that JSON does not have (NaN, 10n)
 * become texts, errors become their message, functions and symbols a word in brackets, and so does a value within
 * itself or one that is too large. Fields that are undefined are left out. Never throws.
 */
export function toJson(value: unknown): Json {
  let left = MAX_COPY_VALUES;

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
    if (above.length >= MAX_COPY_DEPTH || left <= 0) return "[too much]";
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

/** Any value as a text: a text as it is, nothing as an empty one, anything else as its JSON. Never throws. */
export function toText(value: unknown): string {
  if (typeof value === "string") return value;
  const json = toJson(value);
  if (json === null) return "";
  return typeof json === "string" ? json : JSON.stringify(json);
}
