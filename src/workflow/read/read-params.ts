import type { ParamDeclaration, ParamValue } from "../model/param.ts";
import { type Place, placeAt } from "../tree/place.ts";
import { describe, isForbiddenKey, isRawObject, quote } from "../tree/raw.ts";
import { type Reader, readFields, reportForbiddenKey, reportMisplacedReference } from "../tree/read-fields.ts";
import { PARAM_KEYS } from "./keys.ts";

/** A name that can stand in `${params.NAME}` and in CEL: so none of the keywords of CEL. */
const PARAM_NAME = /^(?!(?:true|false|null|in)$)[A-Za-z_][A-Za-z0-9_]*$/;

/** @returns undefined if the declarations cannot be read; then no reference to a param counts as unknown */
export function readParamDeclarations(
  reader: Reader,
  raw: unknown,
  place: Place,
): ReadonlyMap<string, ParamDeclaration> | undefined {
  const { problems } = reader;
  if (!isRawObject(raw)) {
    problems.add("WORKFLOW_WRONG_TYPE", `params must be an object, not ${describe(raw)}`, place);
    return undefined;
  }
  const params = new Map<string, ParamDeclaration>();
  for (const name of Object.keys(raw)) {
    const at = placeAt(place, name);
    if (isForbiddenKey(name)) reportForbiddenKey(problems, name, at);
    else if (!PARAM_NAME.test(name) || name.length > 100) {
      const message = `${quote(name)} cannot be the name of a param: letters, digits and _ only, not first a digit, at most 100 characters, no word of CEL`;
      problems.add("WORKFLOW_INVALID_VALUE", message, at, { at: "key" });
    } else params.set(name, readDeclaration(reader, name, raw[name], at));
  }
  return params;
}

function readDeclaration(reader: Reader, name: string, raw: unknown, place: Place): ParamDeclaration {
  const { problems } = reader;
  if (!isRawObject(raw)) {
    const message = `the param ${name} must be an object, not ${describe(raw)}; a literal goes under its default`;
    problems.add("WORKFLOW_WRONG_TYPE", message, place);
    return { name, type: "string" };
  }
  const values = readFields(reader, raw, place, PARAM_KEYS, "a param");
  const type = values.type ?? "string";
  const declaration: ParamDeclaration = {
    name,
    type,
    ...(values.description === undefined ? {} : { description: values.description }),
  };
  if (values.default === undefined) return declaration;
  const at = placeAt(place, "default");
  const value = values.default;
  if (!isOfType(value, type)) {
    // A type that is itself wrong has been reported; what the default should be is then unknown.
    if (values.type !== undefined || raw.type === undefined) {
      const message = `the default of ${name} must be ${TYPE_WORDS[type]}, not ${describe(value)}`;
      problems.add("WORKFLOW_WRONG_TYPE", message, at);
    }
    return declaration;
  }
  if (typeof value === "string") reportMisplacedReference(problems, value, at, "a default");
  return { ...declaration, default: value };
}

export const TYPE_WORDS: Record<ParamDeclaration["type"], string> = {
  string: "a text",
  integer: "a whole number",
  number: "a number",
  boolean: "true or false",
};

/** Whether a literal is a value of the type: integers are safe ones, numbers finite, texts well-formed. */
export function isOfType(value: unknown, type: ParamDeclaration["type"]): value is ParamValue {
  switch (type) {
    case "string":
      return typeof value === "string" && value.isWellFormed();
    case "integer":
      return Number.isSafeInteger(value);
    case "number":
      return Number.isFinite(value);
    case "boolean":
      return typeof value === "boolean";
  }
}
