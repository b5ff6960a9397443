import type { ParamDeclaration, ParamValue } from "../model/param.ts";
import { type Place, placeAt } from "../tree/place.ts";
import { isForbiddenKey, isRawObject, quote } from "../tree/raw.ts";
import { type Reader, readFields, reportForbiddenKey, reportMisplacedReference } from "../tree/read-fields.ts";
import { isFormOf, reportWrongType } from "../tree/report-wrong-type.ts";
import { PARAM_KEYS } from "./keys.ts";
import { NUMBER_WORDS, readNumber } from "./read-number.ts";

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
    reportWrongType(problems, "params must be an object", raw, place);
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
    const then = "; a literal goes under its default";
    reportWrongType(problems, `the param ${name} must be an object`, raw, place, { then });
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
  // A whole number that is beyond the safe ones: readNumber says what to do about it, as it does of --param.
  const isInexact = type === "integer" && Number.isInteger(value);
  if (!isOfType(value, type) && !isInexact) {
    // A type that is itself wrong has been reported; what the default should be is then unknown.
    if (values.type !== undefined || raw.type === undefined) {
      const claim = `the default of ${name} must be ${TYPE_WORDS[type]}`;
      reportWrongType(problems, claim, value, at, { wanted: WANTED[type] });
    }
    return declaration;
  }
  if (typeof value === "string") reportMisplacedReference(problems, value, at, "a default");
  if (type === "integer" || type === "number") {
    const problemOf = (written: string): string | undefined => {
      const read = readNumber(isFormOf(written, Number(value)) ? written : String(value), type);
      return read.ok ? undefined : `the default of ${name} ${read.error}`;
    };
    problems.addIfWritten("WORKFLOW_INVALID_VALUE", problemOf, at);
  }
  return isOfType(value, type) ? { ...declaration, default: value } : declaration;
}

const WANTED = { string: "text", integer: "number", number: "number", boolean: "boolean" } as const;

export const TYPE_WORDS: Record<ParamDeclaration["type"], string> = {
  string: "a text",
  ...NUMBER_WORDS,
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
