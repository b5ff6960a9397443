import type { ParamDeclaration } from "../model/param.ts";
import type { ReferenceScope, Template } from "../model/template.ts";
import { findMisplacedReference, parseTemplate } from "../model/template.ts";
import type { Field, Fields } from "./fields.ts";
import { MAX_PATH_LENGTH } from "./fields.ts";
import { type Place, placeAt } from "./place.ts";
import type { Problems } from "./problems.ts";
import { describe, findControl, isForbiddenKey, isRawObject, MERGE_KEY, quote, type RawObject } from "./raw.ts";
import { isFormOf, reportWrongType, type Wanted } from "./report-wrong-type.ts";

/** What every part of the reader needs to know. */
export interface Reader {
  readonly problems: Problems;
  /** The declared params; undefined until they are read, and where they are unreadable. */
  readonly params: ReadonlyMap<string, ParamDeclaration> | undefined;
  /** Of a key that is not known where it stands: `belongs to a node`, or undefined where it belongs nowhere. */
  whereKeyBelongs(key: string): string | undefined;
}

/** Names as written; one that is no text is undefined, and reported. */
export interface Names {
  readonly list: readonly (string | undefined)[];
  /** A single name stands at the key itself, not in a list. */
  readonly single: boolean;
}

type ValueOf<F extends Field> = F extends { kind: "text" }
  ? string
  : F extends { kind: "template" }
    ? Template
    : F extends { kind: "integer" | "number" | "seconds" }
      ? number
      : F extends { kind: "boolean" }
        ? boolean
        : F extends { kind: "choice"; of: readonly (infer Choice)[] }
          ? Choice
          : F extends { kind: "choices" }
            ? readonly string[]
            : F extends { kind: "integers" }
              ? readonly number[]
              : F extends { kind: "names" }
                ? Names
                : F extends { kind: "object"; fields: infer Inner extends Fields }
                  ? Values<Inner>
                  : unknown;

/** What could be read: keys that are missing or wrong are absent. Seconds have become milliseconds. */
export type Values<F extends Fields> = { readonly [K in keyof F]?: ValueOf<F[K]> };

/**
 * Reads the known keys of an object; all others are reported.
 * @param owner what the object is, for messages: `a grpc node`
 * @param elsewhere says more of an unknown key than where it belongs
 */
export function readFields<const F extends Fields>(
  reader: Reader,
  raw: RawObject,
  place: Place | undefined,
  fields: F,
  owner: string,
  elsewhere?: (key: string) => string | undefined,
): Values<F> {
  const values: Record<string, unknown> = {};
  for (const key of Object.keys(raw)) {
    const field = Object.hasOwn(fields, key) ? fields[key] : undefined;
    if (field !== undefined) {
      const value = readField(reader, raw[key], placeAt(place, key), field, key);
      if (value !== undefined) values[key] = value;
    } else if (!key.startsWith("x-")) {
      const belongs = reader.whereKeyBelongs(key);
      const hint = elsewhere?.(key) ?? (belongs === undefined ? undefined : `${key} ${belongs}`);
      reportKey(reader.problems, key, placeAt(place, key), Object.keys(fields), owner, hint);
    }
  }
  return values as Values<F>;
}

function reportKey(
  problems: Problems,
  key: string,
  place: Place,
  known: readonly string[],
  owner: string,
  elsewhere: string | undefined,
): void {
  if (isForbiddenKey(key)) return reportForbiddenKey(problems, key, place);
  const suggestion = elsewhere === undefined ? problems.suggest(key, known) : undefined;
  const message = elsewhere ?? `${quote(key)} is not a key of ${owner}`;
  const remedy = elsewhere === undefined ? undefined : "Move it there, or remove it.";
  problems.add("WORKFLOW_UNKNOWN_KEY", message, place, { at: "key", suggestion, remedy });
}

export function reportForbiddenKey(problems: Problems, key: string, place: Place): void {
  if (key === MERGE_KEY) {
    const message = `${quote(key)} merges nothing: neither YAML 1.2 nor JSON has merge keys`;
    problems.add("WORKFLOW_MERGE_KEY", message, place, { at: "key" });
  } else problems.add("WORKFLOW_FORBIDDEN_KEY", `${quote(key)} is not allowed as a name or key`, place, { at: "key" });
}

function readField(reader: Reader, value: unknown, place: Place, field: Field, key: string): unknown {
  const { problems } = reader;
  const wrongType = (expected: string, wanted?: Wanted): undefined =>
    void reportWrongType(problems, `${key} must be ${expected}`, value, place, { wanted });
  const invalid = (what: string, suggestion?: string): undefined =>
    void problems.add("WORKFLOW_INVALID_VALUE", `${key} ${what}`, place, { suggestion });
  const outOfRange = (range: string, found: number): undefined => {
    const say = (written: string): string =>
      `${key} must be ${range}, not ${isFormOf(written, found) ? written : found}`;
    problems.add("WORKFLOW_INVALID_VALUE", say(String(found)), place, { asWritten: say });
  };

  switch (field.kind) {
    case "own":
      return value;
    case "text": {
      if (typeof value !== "string") return wrongType("a text", "text");
      if (value.length < field.min) return invalid("is empty");
      if (value.length > field.max) return invalid(`has ${value.length} characters; at most ${field.max} are allowed`);
      if (!value.isWellFormed()) return invalid("has half of a character in it (a lone surrogate)");
      const control = field.controls ? undefined : findControl(value);
      if (control !== undefined) return invalid(`has the control character ${control} in it; it is a name on one line`);
      reportMisplacedReference(problems, value, place, key, field.references);
      return value;
    }
    case "template":
      return typeof value === "string" ? readTemplate(reader, value, place, key, field) : wrongType("a text", "text");
    case "boolean":
      return typeof value === "boolean" ? value : wrongType("true or false", "boolean");
    case "integer":
      if (typeof value !== "number" || !Number.isSafeInteger(value)) return wrongType("a whole number", "number");
      if (value < field.min || value > field.max) {
        return outOfRange(`from ${field.min} to ${field.max}`, value);
      }
      return value;
    case "number":
    case "seconds": {
      if (value === null && field.kind === "seconds" && field.nullable) return undefined;
      const unit = field.kind === "seconds" ? "a number of seconds" : "a number";
      if (typeof value !== "number" || Number.isNaN(value)) return wrongType(unit, "number");
      if (value <= field.above || value > field.max) {
        return outOfRange(`above ${field.above} and at most ${field.max}`, value);
      }
      return field.kind === "seconds" ? toMilliseconds(value) : value;
    }
    case "choice":
      return readChoice(value, field, wrongType, invalid, problems);
    case "choices": {
      if (!Array.isArray(value)) return wrongType(`a list of ${field.of.slice(0, 2).join(", ")}, …`);
      const chosen = value.map((one: unknown, index) => readChosen(problems, one, placeAt(place, index), field, key));
      return [...new Set(chosen.filter((one) => one !== undefined))];
    }
    case "integers": {
      if (!Array.isArray(value)) return wrongType(`a list of whole numbers from ${field.min} to ${field.max}`);
      const read = value.map((one: unknown, index) =>
        readField(reader, one, placeAt(place, index), { ...field, kind: "integer" }, key),
      );
      return [...new Set(read.filter((one) => one !== undefined))];
    }
    case "names":
      return readNames(problems, value, place, field.nullable, key, wrongType);
    case "object":
      if (!isRawObject(value)) return wrongType("an object");
      return readFields(reader, value, place, field.fields, field.owner, (inner) =>
        field.elsewhere !== undefined && Object.hasOwn(field.elsewhere, inner) ? field.elsewhere[inner] : undefined,
      );
  }
}

function readChoice(
  value: unknown,
  { of, anyCase = false }: Extract<Field, { kind: "choice" }>,
  wrongType: (expected: string) => undefined,
  invalid: (what: string, suggestion?: string) => undefined,
  problems: Problems,
): string | undefined {
  const allowed = of.length === 2 ? of.join(" or ") : `one of ${of.join(", ")}`;
  if (typeof value !== "string") return wrongType(allowed);
  const chosen = anyCase ? value.toLowerCase() : value;
  if (of.includes(chosen)) return chosen;
  return invalid(`must be ${allowed}, not ${quote(value)}`, problems.suggest(value, of));
}

function readChosen(
  problems: Problems,
  value: unknown,
  place: Place,
  { of, what }: Extract<Field, { kind: "choices" }>,
  key: string,
): string | undefined {
  if (typeof value === "string" && of.includes(value)) return value;
  if (typeof value === "string") {
    const message = `${key} takes ${what}, not ${describe(value)}`;
    problems.add("WORKFLOW_INVALID_VALUE", message, place, { suggestion: problems.suggest(value, of) });
  } else reportWrongType(problems, `${key} takes ${what}`, value, place);
  return undefined;
}

function readNames(
  problems: Problems,
  value: unknown,
  place: Place,
  nullable: boolean,
  key: string,
  wrongType: (expected: string, wanted?: Wanted) => undefined,
): Names | undefined {
  if (nullable && (value === null || value === "")) return { list: [], single: false };
  if (typeof value === "string") return { list: [value], single: true };
  if (!Array.isArray(value))
    return wrongType(nullable ? "a name, a list of names or null" : "a name or a list of names", "text");
  const list = value.map((name: unknown, index) => {
    if (typeof name === "string") return name;
    reportWrongType(problems, `${key} must hold names`, name, placeAt(place, index), { wanted: "text" });
    return undefined;
  });
  return { list, single: false };
}

/** A text with references; undefined if anything in it is wrong. */
export function readTemplate(
  reader: Reader,
  value: string,
  place: Place,
  key: string,
  allowed: Pick<ReferenceScope, "env" | "run">,
): Template | undefined {
  const { problems } = reader;
  const problem = problemOfText(value);
  if (problem !== undefined) {
    problems.add("WORKFLOW_INVALID_VALUE", `${key} ${problem}`, place);
    return undefined;
  }
  const parsed = parseTemplate(value, { ...allowed, params: reader.params });
  for (const { message, start, end, undeclared } of parsed.problems) {
    const suggestion = undeclared === undefined ? undefined : problems.suggest(undeclared, reader.params?.keys() ?? []);
    problems.add("REFERENCE_INVALID", `${key}: ${message}`, place, { within: { start, end }, suggestion });
  }
  return parsed.problems.length === 0 ? parsed.template : undefined;
}

/** What is wrong with a text that a template holds or has become by binding. */
export function problemOfText(value: string): string | undefined {
  if (value === "") return "is empty";
  if (value.length > MAX_PATH_LENGTH) return `has ${value.length} characters; at most ${MAX_PATH_LENGTH} are allowed`;
  return value.isWellFormed() ? undefined : "has half of a character in it (a lone surrogate)";
}

/**
 * Says that a reference stands where nothing is filled in, rather than passing it on as it reads.
 * @param elsewhere where it would be filled in
 */
export function reportMisplacedReference(
  problems: Problems,
  value: string,
  place: Place,
  key: string,
  elsewhere = "they are filled in only in paths, addresses and metadata",
): void {
  const within = findMisplacedReference(value);
  if (within === undefined) return;
  const remedy = "Write the value itself.";
  problems.add("REFERENCE_INVALID", `${key} takes no references; ${elsewhere}`, place, { within, remedy });
}

/** To the microsecond, so that 0.57 s are 570 ms and not 569.999…; never 0. */
function toMilliseconds(value: number): number {
  return Math.max(0.001, Math.round(value * 1e6) / 1e3);
}
