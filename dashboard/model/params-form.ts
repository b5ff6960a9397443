// The form of a workflow's params: which fields its JSON Schema asks for, and what was typed into them as values.
// The server has the last word; what is plainly wrong is told at the field before it is asked.
import type { ParamValue } from "../../src/workflow/model/param.ts";
import { readNumber } from "../../src/workflow/read/read-number.ts";

/** One field of the form. */
export interface ParamField {
  readonly name: string;
  readonly type: "string" | "integer" | "number" | "boolean";
  readonly description?: string;
  /** Stands for the param where nothing else is said. */
  readonly default?: ParamValue;
  /** The only values that there are. */
  readonly choices?: readonly ParamValue[];
  readonly isRequired: boolean;
}

/** What stands in the fields, by name; a field that nobody touched has no entry. */
export type Typed = { readonly [name: string]: string };

/** What is wrong, by the name of the field. */
export type FieldErrors = { readonly [name: string]: string };

/** What the fields say. */
export interface ReadParams {
  /** Of those that differ from their defaults. */
  readonly values: { readonly [name: string]: ParamValue };
  readonly errors: FieldErrors;
}

const TYPES = ["string", "integer", "number", "boolean"] as const;

/** The fields of a JSON Schema of params; those of a shape that is not known are texts. */
export function fieldsOf(schema: { readonly [key: string]: unknown }): readonly ParamField[] {
  const required = Array.isArray(schema.required) ? schema.required : [];
  return Object.entries(isObject(schema.properties) ? schema.properties : {}).map(([name, described]) => {
    const param = isObject(described) ? described : {};
    const choices = Array.isArray(param.enum) ? param.enum.filter(isValue) : [];
    return {
      name,
      type: TYPES.find((type) => type === param.type) ?? "string",
      ...(typeof param.description === "string" ? { description: param.description } : {}),
      ...(isValue(param.default) ? { default: param.default } : {}),
      ...(choices.length === 0 ? {} : { choices }),
      isRequired: required.includes(name),
    };
  });
}

/** What a field shows: what was typed, else its default. */
export function textOf(field: ParamField, typed: Typed): string {
  // A param may be called toString.
  const text = Object.hasOwn(typed, field.name) ? typed[field.name] : undefined;
  return text ?? (field.default === undefined ? "" : String(field.default));
}

/** Reads all fields. A param that stands at its default is left out: the server knows it. */
export function readFields(fields: readonly ParamField[], typed: Typed): ReadParams {
  const values: { [name: string]: ParamValue } = {};
  const errors: { [name: string]: string } = {};
  for (const field of fields) {
    const text = textOf(field, typed);
    if (text === "" && (field.isRequired || field.type !== "string")) {
      // Emptied, it has its default again, unless that is a text: an empty one is a value.
      if (field.isRequired) errors[field.name] = "is required";
      continue;
    }
    const read = readText(field, text);
    if ("error" in read) errors[field.name] = read.error;
    else if (read.value !== field.default) values[field.name] = read.value;
  }
  return { values, errors };
}

function readText({ type, choices }: ParamField, text: string): { readonly value: ParamValue } | { error: string } {
  const chosen = choices?.find((choice) => String(choice) === text);
  if (choices !== undefined) return chosen === undefined ? { error: "is none of the choices" } : { value: chosen };
  switch (type) {
    case "string":
      return { value: text };
    case "boolean":
      return text === "true" || text === "false" ? { value: text === "true" } : { error: "must be true or false" };
    case "integer":
    case "number": {
      const read = readNumber(text, type);
      return read.ok ? { value: read.value } : { error: read.error };
    }
  }
}

function isObject(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isValue(value: unknown): value is ParamValue {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}
