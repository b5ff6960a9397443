/** As much of a JSON Schema as the API's description has. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly items?: Schema;
  readonly properties?: { readonly [name: string]: Schema };
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly description?: string;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** A schema in one line, as TypeScript would say it: `("a" | "b")[]`, `RunView`. */
export function schemaText(schema: Schema): string {
  if (schema.$ref !== undefined) return schema.$ref.split("/").at(-1) ?? "";
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return choices.map(schemaText).join(" | ");
  if (schema.allOf !== undefined) return schema.allOf.map(schemaText).join(" & ");
  if (schema.items !== undefined) {
    const item = schemaText(schema.items);
    return item.includes(" ") && !item.startsWith("{") ? `(${item})[]` : `${item}[]`;
  }
  if (schema.properties !== undefined) return objectText(schema);
  if (typeof schema.additionalProperties === "object") return `{ [name]: ${schemaText(schema.additionalProperties)} }`;
  if (schema.type === undefined) return "any";
  return typeof schema.type === "string" ? schema.type : schema.type.join(" | ");
}

function objectText({ properties = {}, required = [] }: Schema): string {
  const fields = Object.entries(properties).map(
    ([name, field]) => `${name}${required.includes(name) ? "" : "?"}: ${schemaText(field)}`,
  );
  return `{ ${fields.join("; ")} }`;
}
