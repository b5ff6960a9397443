// What a start asks of the server, beside the params: and the same as a command.
import { RUN_ID_PATTERN } from "../../src/kernel/ids.ts";
import { quoteWord } from "../../src/kernel/quote-word.ts";
import { MAX_PRIORITY, MIN_PRIORITY } from "../../src/ports/run-facts.ts";
import type { ParamValue } from "../../src/workflow/model/param.ts";
import type { FieldErrors } from "./params-form.ts";

/** What stands in the fields of every workflow's form. */
export interface StartTexts {
  readonly runId: string;
  readonly priority: string;
}

export const NOTHING_TYPED: StartTexts = { runId: "", priority: "" };

/** What a start says of the run itself. */
export interface StartOptions {
  readonly run_id?: string;
  readonly priority?: number;
}

export interface ReadOptions {
  readonly options: StartOptions;
  readonly errors: FieldErrors;
}

/** Reads both fields; an empty one says nothing. */
export function readOptions({ runId, priority }: StartTexts): ReadOptions {
  const options: { run_id?: string; priority?: number } = {};
  const errors: { [name: string]: string } = {};
  if (runId !== "") {
    if (RUN_ID_PATTERN.test(runId)) options.run_id = runId;
    else errors.run_id = "must be 1 to 64 letters, digits, dots, dashes and underlines, a letter or digit first";
  }
  if (priority.trim() !== "") {
    const number = Number(priority);
    if (Number.isInteger(number) && number >= MIN_PRIORITY && number <= MAX_PRIORITY) options.priority = number;
    else errors.priority = `must be a whole number from ${MIN_PRIORITY} to ${MAX_PRIORITY}`;
  }
  return { options, errors };
}

/** The same start as words for `busbar`: `run nightly --param day=2026-11-26`. */
export function startWords(
  workflow: string,
  params: { readonly [name: string]: ParamValue },
  { run_id: runId, priority }: StartOptions,
): string {
  return [
    "run",
    quoteWord(workflow),
    ...Object.entries(params).map(([name, value]) => `--param ${quoteWord(`${name}=${value}`)}`),
    ...(runId === undefined ? [] : [`--run-id ${runId}`]),
    ...(priority === undefined ? [] : [`--priority ${priority}`]),
  ].join(" ");
}

/** Errors of the fields that a problem of the server names, where it names any. */
export function fieldErrorsOf(problem: {
  readonly code: string;
  readonly detail: string;
  readonly details?: { readonly [key: string]: unknown };
}): { readonly params: FieldErrors; readonly options: FieldErrors } {
  const path = Array.isArray(problem.details?.path) ? problem.details.path.map(String) : [];
  const [where, name] = path;
  if (where === "params" && name !== undefined) return { params: { [name]: problem.detail }, options: {} };
  if (problem.code === "RUN_EXISTS" || problem.code === "RUN_ID_INVALID") {
    return { params: {}, options: { run_id: problem.detail } };
  }
  return { params: {}, options: {} };
}
