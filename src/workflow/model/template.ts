import type { ParamValues } from "./param.ts";

/** A text with references. One without any is the plain string. */
export type Template = string | readonly TemplatePart[];
/** A piece of a template: plain text, or a reference. */
export type TemplatePart = string | Reference;
/** `${scope.name}` in a text of the file. */
export interface Reference {
  readonly scope: "params" | "run" | "env";
  readonly name: string;
}

/** What `${…}` may say in one place of the file. */
export interface ReferenceScope {
  /** The declared params; undefined where the declarations could not be read: then every name is accepted. */
  readonly params: ReadonlyMap<string, unknown> | undefined;
  readonly env: boolean;
  /** Left out: allowed. */
  readonly run?: boolean;
}

/** What is wrong with a reference, and which part of the text it is (UTF-16 offsets). */
export interface TemplateProblem {
  readonly message: string;
  readonly start: number;
  readonly end: number;
  /** A params name that is not declared. */
  readonly undeclared?: string;
}

const REFERENCE = /^(params|run|env)\.([A-Za-z_][A-Za-z0-9_]*)$/;
const RUN_NAMES = ["id", "started_at"];
const PARAMS = "${params.NAME}";
const PARAMS_AND_RUN = `${PARAMS}, \${run.id} and \${run.started_at}`;

/** A quick look at a text: most have no reference, and are their own template. */
function mayRefer(text: string): boolean {
  return text.includes("${");
}

/**
 * Every `${…}` of a text with what stands between the braces; `$${` is none. `end` is undefined if it is not closed.
 */
function* references(text: string): Generator<{ start: number; end: number | undefined; inner: string }> {
  let at = 0;
  for (;;) {
    const start = text.indexOf("${", at);
    if (start < 0) return;
    if (text[start - 1] === "$" && start > at) {
      at = start + 2;
      continue;
    }
    const close = text.indexOf("}", start);
    if (close < 0) {
      yield { start, end: undefined, inner: text.slice(start + 2) };
      return;
    }
    yield { start, end: close + 1, inner: text.slice(start + 2, close) };
    at = close + 1;
  }
}

/** A text of the file as a template, and all that is wrong with its references. */
export function parseTemplate(
  text: string,
  scope: ReferenceScope,
): { readonly template: Template; readonly problems: readonly TemplateProblem[] } {
  if (!mayRefer(text)) return { template: text, problems: [] };
  const problems: TemplateProblem[] = [];
  const parts: TemplatePart[] = [];
  let literalFrom = 0;
  const literal = (to: number): void => {
    if (to > literalFrom) parts.push(text.slice(literalFrom, to).replaceAll("$${", "${"));
  };
  for (const { start, end, inner } of references(text)) {
    literal(start);
    literalFrom = end ?? text.length;
    const found = REFERENCE.exec(inner);
    const part = { scope: found?.[1] as "params" | "run" | "env", name: found?.[2] ?? "" };
    const problem = end === undefined ? { message: "${ is not closed by }" } : problemOf(found !== null, part, scope);
    if (problem === undefined) parts.push(part);
    else problems.push({ ...problem, start, end: literalFrom });
  }
  literal(text.length);
  const only = parts[0];
  return { template: parts.length === 1 && typeof only === "string" ? only : parts, problems };
}

function problemOf(
  known: boolean,
  part: { readonly scope: "params" | "run" | "env"; readonly name: string },
  scope: ReferenceScope,
): { readonly message: string; readonly undeclared?: string } | undefined {
  const { run = true } = scope;
  const allowed = `allowed here: ${run ? PARAMS_AND_RUN : PARAMS}${scope.env ? " and ${env.NAME}" : ""}; write $\${ for a literal \${`;
  if (!known) return { message: `this is no reference; ${allowed}` };
  switch (part.scope) {
    case "run":
      if (!run) return { message: `no two runs have the same ${part.name}; ${allowed}` };
      return RUN_NAMES.includes(part.name) ? undefined : { message: `a run has no ${part.name}; ${allowed}` };
    case "env":
      return scope.env
        ? undefined
        : { message: "references to the environment are allowed in service metadata and container env only" };
    case "params":
      return scope.params === undefined || scope.params.has(part.name)
        ? undefined
        : { message: `the param ${part.name} is not declared under params`, undeclared: part.name };
  }
}

/** The first reference in a text that is taken literally, where its writer probably expected it to be filled in. */
export function findMisplacedReference(text: string): { readonly start: number; readonly end: number } | undefined {
  if (!mayRefer(text)) return undefined;
  for (const { start, end, inner } of references(text)) {
    if (end !== undefined && REFERENCE.test(inner)) return { start, end };
  }
  return undefined;
}

export function hasReferences(template: Template): template is readonly TemplatePart[] {
  return typeof template !== "string";
}

export function hasEnvReference(template: Template): boolean {
  return hasReferences(template) && template.some((part) => typeof part !== "string" && part.scope === "env");
}

export interface Binding {
  readonly params: ParamValues;
  readonly runId: string;
  /** RFC 3339 UTC with milliseconds. */
  readonly startedAt: string;
}

/** The template with params and run filled in. Without `env` references it is a plain string afterwards. */
export function bindTemplate(template: Template, binding: Binding): Template {
  if (!hasReferences(template)) return template;
  const parts: TemplatePart[] = [];
  let text = "";
  for (const part of template) {
    if (typeof part === "string") text += part;
    else if (part.scope === "params") text += String(binding.params[part.name]);
    else if (part.scope === "run") text += part.name === "id" ? binding.runId : binding.startedAt;
    else {
      if (text !== "") parts.push(text);
      text = "";
      parts.push(part);
    }
  }
  if (parts.length === 0) return text;
  if (text !== "") parts.push(text);
  return parts;
}

/** @throws TypeError if a reference is left in it */
export function boundText(template: Template): string {
  if (typeof template === "string") return template;
  throw new TypeError("a text is asked for before its references are filled in");
}
