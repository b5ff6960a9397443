import type { Json, JsonObject } from "../../kernel/json.ts";
import { type Field, type Fields, MAX_PATH_LENGTH } from "../tree/fields.ts";

/** Descriptions by key. */
export type Texts = { readonly [key: string]: string };
/** A description for each key of a table, so that none is forgotten. */
export type DescriptionsOf<Keys> = { readonly [K in keyof Keys]: string };

/** The schemas of keys that are read by code of their own, which no table of fields can say. */
export type Shapes = { readonly [key: string]: JsonObject };

/** Descriptions of objects within other objects, by what messages call them. */
export type InnerDescriptions = {
  readonly [owner: string]: { readonly descriptions: Texts; readonly shapes?: Shapes };
};

export const ref = (name: string): JsonObject => ({ $ref: `#/$defs/${name}` });
export const mapOf = (value: JsonObject, names: JsonObject): JsonObject => ({
  type: "object",
  propertyNames: names,
  additionalProperties: value,
});

export function objectSchema(
  fields: Fields,
  descriptions: Texts,
  more: {
    readonly required?: readonly string[];
    readonly shapes?: Shapes | undefined;
    readonly inner?: InnerDescriptions;
  } = {},
): JsonObject {
  const { required = [], shapes = {}, inner = {} } = more;
  const properties = Object.entries(fields).map(([key, field]): [string, JsonObject] => {
    const shape = field.kind === "own" ? (shapes[key] ?? {}) : fieldSchema(field, inner);
    return [key, { description: descriptions[key] ?? "", ...shape }];
  });
  return {
    type: "object",
    properties: Object.fromEntries(properties),
    ...(required.length === 0 ? {} : { required }),
    patternProperties: { "^x-": {} },
    additionalProperties: false,
  };
}

function fieldSchema(field: Field, inner: InnerDescriptions): JsonObject {
  const initial: { readonly default?: Json } =
    "default" in field && field.default !== undefined ? { default: field.default } : {};
  switch (field.kind) {
    case "text":
      return { type: "string", minLength: field.min, maxLength: field.max };
    case "template":
      return { type: "string", minLength: 1, maxLength: MAX_PATH_LENGTH };
    case "integer":
      return { type: "integer", minimum: field.min, maximum: field.max, ...initial };
    case "number":
    case "seconds": {
      const number: JsonObject = { type: "number", exclusiveMinimum: field.above, maximum: field.max };
      return field.kind === "seconds" && field.nullable
        ? { anyOf: [number, { type: "null" }], ...initial }
        : { ...number, ...initial };
    }
    case "boolean":
      return { type: "boolean", ...initial };
    case "choice":
      return field.anyCase === true
        ? { anyOf: [{ enum: field.of }, { type: "string", pattern: inAnyCase(field.of) }] }
        : { enum: field.of, ...initial };
    case "choices":
      return { type: "array", items: { enum: field.of }, ...initial };
    case "integers":
      return { type: "array", items: { type: "integer", minimum: field.min, maximum: field.max } };
    case "names": {
      const name: JsonObject = { type: "string", minLength: 1 };
      const list: JsonObject = { type: "array", items: name, uniqueItems: true };
      return {
        anyOf: field.nullable ? [{ type: "string" }, list, { type: "null" }] : [name, { ...list, minItems: 1 }],
      };
    }
    case "object": {
      const { descriptions = {}, shapes } = inner[field.owner] ?? {};
      return objectSchema(field.fields, descriptions, { inner, shapes });
    }
    case "own":
      return {};
  }
}

/** JSON Schema has no flag for patterns; the first alternative is what editors offer. */
function inAnyCase(words: readonly string[]): string {
  const letters = (word: string): string => word.replace(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);
  return `^(?:${words.map(letters).join("|")})$`;
}
