/** What JSON can say. Requests and outputs of nodes are opaque values of this type to engine and journal. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export type JsonObject = { readonly [key: string]: Json };

/** JSON.stringify's stack ends far beyond this; nobody's data is deeper. */
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

/** `every` passes over them, and JSON makes null of them. */
function hasHoles(array: readonly unknown[]): boolean {
  return Object.keys(array).length !== array.length;
}
