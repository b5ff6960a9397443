import { isFields, requireEach, requireMap, requireObject } from "../kernel/arguments.ts";
import type { Diagnostic } from "../kernel/diagnostics.ts";
import { err, ok, type Result } from "../kernel/result.ts";
import type { ParamDeclaration, ParamValue, ParamValues } from "./model/param.ts";
import { readNumber } from "./read/read-number.ts";
import { isOfType, TYPE_WORDS } from "./read/read-params.ts";
import { type Place, placeAt } from "./tree/place.ts";
import { createProblems, type Problems } from "./tree/problems.ts";
import { describe, quote } from "./tree/raw.ts";
import type { Workflow } from "./workflow.ts";

const PARAMS: Place = placeAt(undefined, "params");
/** They stand in one event, which may have 64 KiB (semantics.md, "Events"). */
const MAX_PARAMS_BYTES = 48 * 1024;

/**
 * Params as given on the command line, read by their declared types. All problems at once: PARAM_UNKNOWN,
 * PARAM_REPEATED, PARAM_INVALID, PARAM_MISSING. Each is placed at its declaration, an unknown one at `params`.
 * @param given names and values, in the order they were given
 * @throws BusbarError USAGE
 */
export function readParams(
  workflow: Pick<Workflow, "params">,
  given: readonly (readonly [name: string, value: string])[],
): Result<ParamValues, readonly Diagnostic[]> {
  requireObject("workflow", workflow, "a workflow, from parseWorkflow");
  requireMap("workflow.params", workflow.params);
  requireEach("workflow.params", [...workflow.params.values()], isDeclaration, "a declaration {name, type}");
  requireEach("given", given, isPair, "a pair of texts [name, value]");
  return readParamsOver(workflow, given, {});
}

/**
 * As `readParams`, over the values of another run: those stand for params that are not given. Of values that the
 * workflow does not declare nothing is said.
 */
export function readParamsOver(
  workflow: Pick<Workflow, "params">,
  given: readonly (readonly [name: string, value: string])[],
  stored: ParamValues,
): Result<ParamValues, readonly Diagnostic[]> {
  const problems = createProblems();
  const values = new Map<string, ParamValue>();
  const seen = new Set<string>();
  for (const [name, text] of given) {
    const declaration = workflow.params.get(name);
    if (seen.has(name)) {
      const place = declaration === undefined ? PARAMS : placeOf(declaration);
      problems.add("PARAM_REPEATED", `the param ${quote(name)} is given twice`, place, { at: "key" });
      continue;
    }
    seen.add(name);
    if (declaration === undefined) {
      reportUnknown(problems, workflow, name);
      continue;
    }
    const value = readValue(text, declaration.type);
    if (value.ok) values.set(name, value.value);
    else reportInvalid(problems, declaration, value.error);
  }
  for (const [name, value] of Object.entries(stored)) {
    const declaration = workflow.params.get(name);
    if (declaration === undefined || seen.has(name)) continue;
    seen.add(name);
    if (isOfType(value, declaration.type)) values.set(name, value);
    else reportInvalid(problems, declaration, mustBe(declaration.type, value));
  }
  return complete(problems, workflow, values, seen);
}

function isDeclaration(item: unknown): boolean {
  return isFields(item) && typeof item.name === "string" && Object.hasOwn(TYPE_WORDS, String(item.type));
}

function isPair(item: unknown): boolean {
  return Array.isArray(item) && item.length === 2 && item.every((text) => typeof text === "string");
}

/**
 * Values that a run has stored, against a workflow that may have changed since. New params take their
 * defaults.
 */
export function checkParams(
  workflow: Pick<Workflow, "params">,
  stored: ParamValues,
): Result<ParamValues, readonly Diagnostic[]> {
  const problems = createProblems();
  const values = new Map<string, ParamValue>();
  for (const [name, value] of Object.entries(stored)) {
    const declaration = workflow.params.get(name);
    if (declaration === undefined) reportUnknown(problems, workflow, name);
    else if (isOfType(value, declaration.type)) values.set(name, value);
    else reportInvalid(problems, declaration, mustBe(declaration.type, value));
  }
  return complete(problems, workflow, values, new Set(Object.keys(stored)));
}

function complete(
  problems: Problems,
  { params }: Pick<Workflow, "params">,
  values: Map<string, ParamValue>,
  given: ReadonlySet<string>,
): Result<ParamValues, readonly Diagnostic[]> {
  for (const declaration of params.values()) {
    if (given.has(declaration.name)) continue;
    if (declaration.default !== undefined) values.set(declaration.name, declaration.default);
    else {
      const what = declaration.description === undefined ? "" : ` (${describeParam(declaration.description)})`;
      const message = `the param ${quote(declaration.name)}${what} has no default and is not given`;
      const remedy = `Give it with --param ${declaration.name}=VALUE.`;
      problems.add("PARAM_MISSING", message, placeOf(declaration), { at: "key", remedy });
    }
  }
  const bytes = Buffer.byteLength(JSON.stringify(Object.fromEntries(values)));
  if (bytes > MAX_PARAMS_BYTES) {
    const message = `the params have ${bytes} bytes together; at most ${MAX_PARAMS_BYTES} can be recorded`;
    problems.add("PARAM_INVALID", message, PARAMS, { at: "key" });
  }
  if (problems.count() > 0) return err(problems.all(""));
  // In the order of the declarations, whatever the order they were given in.
  const ordered = [...params.keys()].flatMap((name) => {
    const value = values.get(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return ok(Object.fromEntries(ordered));
}

function describeParam(description: string): string {
  return quote(description).slice(1, -1);
}

function placeOf(declaration: ParamDeclaration): Place {
  return placeAt(PARAMS, declaration.name);
}

function reportUnknown(problems: Problems, workflow: Pick<Workflow, "params">, name: string): void {
  const none = workflow.params.size === 0 ? "; it declares none" : "";
  const message = `the workflow declares no param ${quote(name)}${none}`;
  const suggestion = problems.suggest(name, workflow.params.keys());
  problems.add("PARAM_UNKNOWN", message, PARAMS, { at: "key", suggestion });
}

/** @param why what is wrong, for after the name of the param */
function reportInvalid(problems: Problems, declaration: ParamDeclaration, why: string): void {
  const message = `the param ${quote(declaration.name)} ${why}`;
  problems.add("PARAM_INVALID", message, placeOf(declaration), { at: "key" });
}

function mustBe(type: ParamDeclaration["type"], value: unknown): string {
  return `must be ${TYPE_WORDS[type]}, not ${describe(value)}`;
}

function readValue(text: string, type: ParamDeclaration["type"]): Result<ParamValue, string> {
  switch (type) {
    case "string":
      return isOfType(text, type) ? ok(text) : err("has half of a character in it (a lone surrogate)");
    case "boolean":
      return text === "true" || text === "false" ? ok(text === "true") : err(mustBe(type, text));
    case "integer":
    case "number":
      return readNumber(text, type);
  }
}
