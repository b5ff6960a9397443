/** A param that the file declares. */
export interface ParamDeclaration {
  readonly name: string;
  readonly type: "string" | "integer" | "number" | "boolean";
  readonly default?: ParamValue;
  readonly description?: string;
}

/** What a param can be. */
export type ParamValue = string | number | boolean;
/** Every declared param with its value. */
export type ParamValues = { readonly [name: string]: ParamValue };
