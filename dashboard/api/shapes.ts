// The shapes of the API by the names that pages use.
import type { components } from "./schema.ts";

type Schemas = components["schemas"];
export type RunView = Schemas["RunView"];
export type Session = Schemas["Session"];
export type Role = Schemas["Role"];
export type WorkflowListing = Schemas["WorkflowListing"];
export type WorkflowView = Schemas["WorkflowView"];
export type WorkflowStats = Schemas["WorkflowStats"];
export type Diagnostic = Schemas["Diagnostic"];
export type RunListing = Schemas["RunListing"];
export type RunCounts = Schemas["RunCounts"];
export type RunList = Schemas["RunList"];
export type ServiceView = Schemas["ServiceView"];
export type SystemView = Schemas["SystemView"];
export type Token = Schemas["Token"];
export type CreatedToken = Schemas["CreatedToken"];
export type AuditEntry = Schemas["AuditEntry"];
