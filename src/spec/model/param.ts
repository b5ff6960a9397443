export interface ParamDeclaration {
  readonly name: string;
  readonly type: "string" | "integer" | "number" | "boolean";
  readonly default?: ParamValue;
  readonly description?: string;
}

export type ParamValue = string | number | boolean;
/** Every declared param with its value. */
export type ParamValues = { readonly [name: string]: ParamValue };
