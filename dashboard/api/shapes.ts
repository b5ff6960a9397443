// The shapes of the API by the names that pages use.
import type { components } from "./schema.ts";

type Schemas = components["schemas"];
export type RunView = Schemas["RunView"];
export type Session = Schemas["Session"];
export type Role = Schemas["Role"];
