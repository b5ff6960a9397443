// Workflows as the API shows them: the shapes of ports/workflow-library.ts.
import { z } from "@hono/zod-openapi";
import { RunIdSchema, RunStatusSchema } from "./run.ts";

const Time = z.string().openapi({ format: "date-time" });
const Format = z.enum(["json", "yaml"]);

export const DefinitionHashSchema = z.string().regex(/^sha256:[0-9a-f]{64}$/);

export const DiagnosticSchema = z
  .object({
    code: z.string(),
    message: z.string(),
    file: z.string(),
    line: z.number().int().min(1),
    column: z.number().int().min(1),
    length: z.number().int().min(1),
    source_line: z.string().openapi({ description: "Empty where a token may stand in it" }),
    suggestion: z.string().optional(),
    remedy: z.string(),
    severity: z.literal("warning").optional(),
  })
  .openapi("Diagnostic");

const listing = {
  name: z.string(),
  file: z.string(),
  valid: z.boolean(),
  definition_hash: DefinitionHashSchema.optional(),
  versions: z.number().int().min(0),
  nodes: z.number().int().min(0),
  diagnostics: z.array(DiagnosticSchema),
  updated_at: Time,
};

const WorkflowListingSchema = z.object(listing).openapi("WorkflowListing");

export const WorkflowListSchema = z.object({ workflows: z.array(WorkflowListingSchema) }).openapi("WorkflowList");

const WorkflowGraphSchema = z
  .object({
    nodes: z.array(
      z.object({ id: z.string(), executor: z.string(), name: z.string().optional(), service: z.string().optional() }),
    ),
    edges: z.array(z.object({ from: z.string(), to: z.string() })),
  })
  .openapi("WorkflowGraph");

const WorkflowVersionSchema = z
  .object({ definition_hash: DefinitionHashSchema, at: Time, by: z.string().optional() })
  .openapi("WorkflowVersion");

export const WorkflowViewSchema = z
  .object({
    ...listing,
    definition_text: z.string().optional(),
    definition_format: Format,
    graph: WorkflowGraphSchema,
    params: z.record(z.string(), z.unknown()).openapi({ description: "JSON Schema of the params of a run" }),
    history: z.array(WorkflowVersionSchema),
  })
  .openapi("WorkflowView");

export const UploadSchema = z
  .strictObject({
    format: Format,
    text: z.string(),
    replaces: DefinitionHashSchema.nullable().optional().openapi({
      description: "What must be stored now: a version, or nothing (null). Left out: anything",
    }),
  })
  .openapi("WorkflowUpload");

export const StoredSchema = z
  .object({ change: z.enum(["created", "replaced", "unchanged"]), workflow: WorkflowListingSchema })
  .openapi("StoredWorkflow");

const Count = z.number().int().min(0);

export const WorkflowStatsSchema = z
  .object({
    days: z.array(
      z.object({ day: z.string().openapi({ format: "date" }), succeeded: Count, failed: Count, cancelled: Count }),
    ),
    counted_since: Time.optional().openapi({ description: "What ended earlier is not counted yet: ask again" }),
    recent: z.array(
      z.object({
        run_id: RunIdSchema,
        status: RunStatusSchema,
        created_at: Time,
        ended_at: Time.optional(),
        duration_ms: z.number().min(0).optional(),
      }),
    ),
  })
  .openapi("WorkflowStats");

const WorkflowName = z.string().min(1);

export const WorkflowPath = z.object({ name: WorkflowName.openapi({ param: { name: "name", in: "path" } }) });

export const VersionPath = WorkflowPath.extend({
  definition_hash: DefinitionHashSchema.openapi({ param: { name: "definition_hash", in: "path" } }),
});
