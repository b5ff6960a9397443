import { BusbarError } from "../kernel/errors.ts";
import type { Json } from "../kernel/json.ts";

/** No request needs a tenth of it. */
const MAX_DEPTH = 100;

/**
 * JSON whose keys are in order, so that what says the same is the same text (as RFC 8785, for values that were parsed).
 * @throws BusbarError REQUEST_INVALID for what is nested so deep that the stack could end
 */
export function canonicalJson(value: Json, depth = 0): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (depth === MAX_DEPTH) {
    throw new BusbarError("REQUEST_INVALID", `the body of the request is nested deeper than ${MAX_DEPTH} levels`);
  }
  if (isList(value)) return `[${value.map((item) => canonicalJson(item, depth + 1)).join(",")}]`;
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([key, field]) => `${JSON.stringify(key)}:${canonicalJson(field, depth + 1)}`).join(",")}}`;
}

function isList(value: object): value is readonly Json[] {
  return Array.isArray(value);
}
