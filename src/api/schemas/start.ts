// What is asked of a server about runs: to start one, to go on with one, to make one of another.
import { z } from "@hono/zod-openapi";
import { RUN_ID_PATTERN } from "../../kernel/ids.ts";
import { KEY_PATTERN } from "../idempotency.ts";
import { ParamsSchema, PrioritySchema, RunIdSchema, RunStatusSchema } from "./run.ts";
import { DefinitionHashSchema } from "./workflow.ts";

export const DefinitionSchema = z
  .object({
    format: z.enum(["json", "yaml"]),
    text: z.string(),
    file: z
      .string()
      .min(1)
      .optional()
      .openapi({ description: "Where it comes from, for people and relative tls paths" }),
  })
  .openapi("Definition");

export const PreflightSchema = z
  .union([
    z.literal(false),
    z.object({
      timeout_ms: z.number().int().min(0).max(86_400_000).optional(),
      wait_ms: z.number().int().min(0).max(86_400_000).optional(),
      tell_unchecked: z.boolean().optional().openapi({ description: "Whether what could not be checked is told too" }),
    }),
  ])
  .openapi("Preflight", { description: "`false`: services are not checked first. Default: they are, for 5 s" });

/** An id for a new run. What no run can be called is told as RUN_ID_INVALID, by whoever makes runs. */
const NewRunIdSchema = z.string().openapi({ pattern: RUN_ID_PATTERN.source, example: "nightly-2026-11-24" });

export const StartSchema = z
  .strictObject({
    workflow: z.string().optional().openapi({ description: "The name of a workflow that the server has" }),
    definition_hash: DefinitionHashSchema.optional().openapi({
      description: "Of a version of `workflow`; left out: the file as it stands",
    }),
    definition: DefinitionSchema.optional().openapi({ description: "Instead of `workflow`; needs the role admin" }),
    params: ParamsSchema.optional(),
    run_id: NewRunIdSchema.optional(),
    priority: PrioritySchema.optional(),
    preflight: PreflightSchema.optional(),
  })
  .openapi("StartRun");

export const IdempotencyKey = z.object({
  "idempotency-key": z.string().optional().openapi({
    description: "Requests with one key make one run; a request with another body is refused (409)",
    pattern: KEY_PATTERN.source,
    example: "7f3b2c1e-1d0a-4a52-9a3e-0f6f1c9d2b11",
  }),
  "idempotency-hash": z.string().optional().openapi({
    description: "What requests with the key have in common; left out: their whole body",
    pattern: KEY_PATTERN.source,
  }),
});

export const StartedSchema = z.object({ run_id: RunIdSchema, status: RunStatusSchema }).openapi("StartedRun");

export const BySchema = z
  .string()
  .min(1)
  .max(200)
  .openapi({ description: "Who asks, for people; whoever shows a token is named by that too" });

/** How a request says that a run goes on, or is made anew, with another definition than the one it has recorded. */
const changedWorkflow = {
  workflow: z.string().optional().openapi({
    description: "A changed workflow: the one of this name that the server has",
  }),
  definition_hash: DefinitionHashSchema.optional().openapi({
    description: "Of a version of `workflow`, such as the one that was looked at; left out: the file as it stands",
  }),
  definition: DefinitionSchema.optional().openapi({
    description: "A changed workflow, instead of `workflow`; needs the role admin",
  }),
};

export const ResumeSchema = z
  .strictObject({
    by: BySchema.optional(),
    recovery: z.boolean().optional().openapi({
      description: "On nobody's word: the run goes on as it would have gone, paused or being cancelled as it was",
    }),
    ...changedWorkflow,
    preflight: PreflightSchema.optional(),
  })
  .openapi("ResumeRun");

export const RerunSchema = z
  .strictObject({
    from: z.array(z.string()).optional(),
    params: ParamsSchema.optional(),
    ...changedWorkflow,
    run_id: NewRunIdSchema.optional(),
    priority: PrioritySchema.optional(),
    preflight: PreflightSchema.optional(),
  })
  .openapi("RerunRun");
