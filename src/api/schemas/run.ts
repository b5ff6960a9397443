// Runs as the API shows them: the shapes of ports/runtime.ts, which have the words of docs/reference/contracts.md.
import { z } from "@hono/zod-openapi";
import { NODE_STATUSES, RUN_STATUSES } from "../../engine/status.ts";
import { RUN_ID_PATTERN } from "../../kernel/ids.ts";
import { MAX_PRIORITY, MIN_PRIORITY, RUN_ORIGINS } from "../../ports/run-facts.ts";

const Time = z.string().openapi({ format: "date-time" });
const AttemptOutcome = z.enum(["succeeded", "failed", "timed_out", "cancelled", "lost"]);
const Milliseconds = z.number().min(0);

export const RunIdSchema = z.string().regex(RUN_ID_PATTERN).openapi({ example: "20261123T154210-7f3k2q" });

export const RunPath = z.object({ run_id: RunIdSchema.openapi({ param: { name: "run_id", in: "path" } }) });

export const ErrorInfoSchema = z
  .object({
    code: z.string(),
    message: z.string(),
    status: z.string().optional(),
    details: z.record(z.string(), z.unknown()).optional(),
  })
  .openapi("ErrorInfo");

export const FindingSchema = z
  .object({
    severity: z.enum(["error", "warning"]),
    code: z.string(),
    service: z.string().optional(),
    address: z.string().optional(),
    node: z.string().optional(),
    message: z.string(),
  })
  .openapi("Finding");

export const ParamsSchema = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).openapi("Params");

const RunOwnerSchema = z.object({
  pid: z.number().int().optional().openapi({ description: "Of a process that drives the run" }),
  host: z.string().optional(),
  cluster: z
    .object({ url: z.string(), invocation: z.string() })
    .optional()
    .openapi({ description: "The cluster that drives the run instead of a process, and what it calls the drive" }),
  alive: z.boolean(),
  started_at: Time,
  stalled: z.object({ since: Time, error: ErrorInfoSchema }).optional(),
});

const CountsSchema = z.object(
  Object.fromEntries(NODE_STATUSES.map((status) => [status, z.number().int().min(0)])) as Record<
    (typeof NODE_STATUSES)[number],
    z.ZodNumber
  >,
);

export const PrioritySchema = z
  .number()
  .int()
  .min(MIN_PRIORITY)
  .max(MAX_PRIORITY)
  .openapi({ description: "Of runs that wait for their turn the higher goes first. Default: 0" });

export const RunStatusSchema = z.enum(RUN_STATUSES);

const listing = {
  run_id: RunIdSchema,
  workflow: z.string(),
  status: RunStatusSchema,
  definition_hash: z.string(),
  file: z.string().optional(),
  last_seq: z.number().int().min(0),
  paused: z.boolean(),
  owner: RunOwnerSchema.optional(),
  origin: z.enum(RUN_ORIGINS).optional(),
  priority: PrioritySchema.optional(),
  created_at: Time,
  started_at: Time.optional(),
  ended_at: Time.optional(),
  duration_ms: Milliseconds.optional(),
  counts: CountsSchema,
  error: ErrorInfoSchema.optional(),
};

export const RunListingSchema = z.object(listing).openapi("RunListing");

export const RunListSchema = z
  .object({
    runs: z.array(RunListingSchema),
    damaged: z.array(ErrorInfoSchema),
    next: z.string().optional().openapi({ description: "Where the list goes on: `before` of the next request" }),
  })
  .openapi("RunList");

const Count = z.number().int().min(0);

export const RunCountsSchema = z
  .object({
    pending: Count,
    running: Count,
    interrupted: Count,
    succeeded: Count,
    failed: Count,
    cancelled: Count,
  })
  .openapi("RunCounts");

const AttemptViewSchema = z
  .object({
    attempt: z.number().int().min(1),
    idempotency_key: z.string(),
    started_at: Time,
    outcome: AttemptOutcome.optional(),
    duration_ms: Milliseconds.optional(),
    error: ErrorInfoSchema.optional(),
    retry_at: Time.optional(),
  })
  .openapi("AttemptView");

export const NodeViewSchema = z
  .object({
    id: z.string(),
    status: z.enum(NODE_STATUSES),
    upstream: z.array(z.string()),
    service: z
      .object({ name: z.string(), address: z.string() })
      .optional()
      .openapi({ description: "What it calls, of a node that calls a service" }),
    timeout_ms: Milliseconds.optional().openapi({ description: "Bounds one attempt" }),
    attempts: z.array(AttemptViewSchema),
    request: z.unknown().optional(),
    output: z.unknown().optional(),
    reused_from: z.string().optional(),
    error: ErrorInfoSchema.optional(),
    reason: z.enum(["upstream", "condition", "run_stopped"]).optional(),
    because: z.string().optional(),
    retry_at: Time.optional(),
  })
  .openapi("NodeView");

const CauseSchema = z.object({
  kind: z.enum(["node", "preflight", "cancel", "error"]),
  node_id: z.string().optional(),
  error: ErrorInfoSchema.optional(),
  findings: z.array(FindingSchema).optional(),
  by: z.string().optional(),
  reason: z.string().optional(),
});

export const ExplanationSchema = z
  .object({
    reason: z.looseObject({ kind: z.string() }),
    nodes: z.array(z.object({ id: z.string(), reason: z.looseObject({ kind: z.string() }) })),
    limits: z.array(z.looseObject({ kind: z.string(), limit: z.number().int(), held_by: z.array(z.string()) })),
    cause: CauseSchema.optional(),
    called_again: z.array(
      z.object({
        node_id: z.string(),
        attempt: z.number().int(),
        because: z.enum(["retry", "lost", "resume"]),
        outcome: AttemptOutcome,
        error: ErrorInfoSchema,
      }),
    ),
    next: z.string().optional(),
  })
  .openapi("Explanation");

export const RunViewSchema = z
  .object({
    ...listing,
    params: ParamsSchema,
    source: z.string().optional(),
    definition_text: z.string(),
    definition_format: z.enum(["json", "yaml"]),
    cancel_requested: z.boolean(),
    findings: z.array(FindingSchema),
    explanation: ExplanationSchema,
    nodes: z.array(NodeViewSchema),
  })
  .openapi("RunView");

export const RunGraphSchema = z
  .object({
    status: RunStatusSchema,
    last_seq: z.number().int().min(0).openapi({ description: "Of the event up to which this is so" }),
    nodes: z.array(z.object({ id: z.string(), status: z.enum(NODE_STATUSES), attempts: z.number().int().min(0) })),
    edges: z.array(z.object({ from: z.string(), to: z.string() })),
  })
  .openapi("RunGraph");
