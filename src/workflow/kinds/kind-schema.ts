import type { JsonObject } from "../../kernel/json.ts";
import type { InnerDescriptions, Shapes, Texts } from "../schema/object-schema.ts";

/** What editors are told of a kind of node: the part of the JSON Schema that is its own. */
export interface KindSchema {
  /** Of its keys. */
  readonly descriptions: Texts;
  /** Of those keys that are read by code of their own. */
  readonly shapes?: Shapes;
  readonly required: readonly string[];
  /** Groups of keys of which a node has exactly one. */
  readonly oneOf?: readonly (readonly string[])[];
  /** What `timeout_seconds` bounds: `a call`. */
  readonly attempt: string;
  /** Of its keys under `retry`. */
  readonly retry: Texts;
  /** Of its key at the top of the file, and of what stands under it. */
  readonly top?: { readonly description: string; readonly inner: InnerDescriptions };
  /** Of its key in a host's policy. */
  readonly policy?: { readonly description: string; readonly descriptions: Texts; readonly shapes?: Shapes };
  /** What the shapes refer to. */
  readonly defs?: { readonly [name: string]: JsonObject };
}
