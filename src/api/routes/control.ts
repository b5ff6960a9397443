import { randomUUID } from "node:crypto";
import { z } from "@hono/zod-openapi";
import { REQUEST_KINDS, type RequestKind } from "../../engine/requests.ts";
import { BusbarError } from "../../kernel/errors.ts";
import { RUN_ID_PATTERN } from "../../kernel/ids.ts";
import type { DefinitionText } from "../../ports/runtime.ts";
import { mayAct } from "../access/caller.ts";
import type { Backend } from "../backend.ts";
import { KEY_PATTERN, makeOnce, storedKey } from "../idempotency.ts";
import { type ApiContext, answer, body, json, operation, type Router, requireRole } from "../router.ts";
import { ParamsSchema, PrioritySchema, RunIdSchema, RunPath, RunStatusSchema, RunViewSchema } from "../schemas/run.ts";
import { DefinitionHashSchema } from "../schemas/workflow.ts";
import type { Streams } from "../streams/streams.ts";

/** How long preflight may take where the request does not say. */
const PREFLIGHT_TIMEOUT_MS = 5_000;

const DefinitionSchema = z
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

const PreflightSchema = z
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

const StartSchema = z
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

const IdempotencyKey = z.object({
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

const AGAIN = "The same was asked for before, with the same key; nothing is done now";

const StartedSchema = z.object({ run_id: RunIdSchema, status: RunStatusSchema }).openapi("StartedRun");

const start = operation("operator", {
  "x-action": "run.start",
  method: "post",
  path: "/runs",
  tags: ["runs"],
  summary: "Start a run",
  operationId: "startRun",
  problems: [
    "WORKFLOW_UNKNOWN",
    "RUN_EXISTS",
    "IDEMPOTENCY_KEY_USED",
    "RUN_QUEUE_FULL",
    "USAGE",
    "RUN_ID_INVALID",
    422,
  ],
  request: { headers: IdempotencyKey, body: body(StartSchema) },
  responses: {
    200: json(StartedSchema, AGAIN),
    201: json(StartedSchema, "The run is recorded, and goes on by itself"),
  },
});

const BySchema = z
  .string()
  .min(1)
  .max(200)
  .openapi({ description: "Who asks, for people; whoever shows a token is named by that too" });

const ResumeSchema = z
  .strictObject({
    by: BySchema.optional(),
    recovery: z.boolean().optional().openapi({
      description: "On nobody's word: the run goes on as it would have gone, paused or being cancelled as it was",
    }),
    definition: DefinitionSchema.optional().openapi({ description: "A changed workflow; needs the role admin" }),
    preflight: PreflightSchema.optional(),
  })
  .openapi("ResumeRun");

const resume = operation("operator", {
  "x-action": "run.resume",
  method: "post",
  path: "/runs/{run_id}/resume",
  tags: ["runs"],
  summary: "Go on with a failed, cancelled or interrupted run",
  operationId: "resumeRun",
  problems: ["RUN_NOT_FOUND", "RUN_ALREADY_SUCCEEDED", "RUN_OWNED", "RESUME_FILE_DIFFERS", 422],
  request: { params: RunPath, body: body(ResumeSchema) },
  responses: {
    200: json(
      z.object({
        run_id: RunIdSchema,
        from: z.enum(["failed", "cancelled", "interrupted"]),
        reset: z.array(z.string()),
        before: RunViewSchema,
      }),
      "The run goes on; `before` is how it stood",
    ),
  },
});

const RerunSchema = z
  .strictObject({
    from: z.array(z.string()).optional(),
    params: ParamsSchema.optional(),
    definition: DefinitionSchema.optional().openapi({ description: "A changed workflow; needs the role admin" }),
    run_id: NewRunIdSchema.optional(),
    priority: PrioritySchema.optional(),
    preflight: PreflightSchema.optional(),
  })
  .openapi("RerunRun");

const RerunStartedSchema = StartedSchema.extend({ kept: z.array(z.string()) }).openapi("RerunStarted");

const rerun = operation("operator", {
  "x-action": "run.rerun",
  method: "post",
  path: "/runs/{run_id}/rerun",
  tags: ["runs"],
  summary: "Make a new run of another, and keep of it what need not be done again",
  operationId: "rerunRun",
  problems: [
    "RUN_NOT_FOUND",
    "IDEMPOTENCY_KEY_USED",
    "RUN_QUEUE_FULL",
    "RUN_EXISTS",
    "RUN_ID_INVALID",
    "RERUN_NODE_UNKNOWN",
    "RERUN_NOTHING",
    "RERUN_DIFFERS",
    422,
  ],
  request: { params: RunPath, headers: IdempotencyKey, body: body(RerunSchema) },
  responses: {
    200: json(RerunStartedSchema, AGAIN),
    201: json(RerunStartedSchema, "The new run, and the nodes that it keeps"),
  },
});

const RequestSchema = z
  .strictObject({
    key: z.string().min(1).max(200).optional().openapi({ description: "Two requests with one key are one request" }),
    by: BySchema.optional(),
    reason: z.string().max(10_000).optional(),
    until: z.enum(["recorded", "answered"]).optional(),
  })
  .openapi("RunRequest");

const AnswerSchema = z
  .object({
    kind: z.enum(["applied", "refused", "recorded"]),
    seq: z.number().int().optional().openapi({ description: "Of the event that says so" }),
    error: z.looseObject({ code: z.string(), message: z.string() }).optional(),
  })
  .openapi("RequestAnswer");

const request = <K extends RequestKind>(kind: K) =>
  operation("operator", {
    "x-action": `run.${kind}`,
    method: "post",
    path: `/runs/{run_id}/${kind}` as const,
    tags: ["runs"],
    summary: `Ask the run's owner to ${kind} it`,
    operationId: `${kind}Run`,
    problems: ["RUN_NOT_FOUND", "RUN_ALREADY_ENDED"],
    request: { params: RunPath, body: body(RequestSchema) },
    responses: { 200: json(AnswerSchema, "What the owner did, or why it did not") },
  });

const byKey = operation("viewer", {
  method: "get",
  path: "/idempotency-keys/{key}",
  tags: ["runs"],
  operationId: "findRunByKey",
  problems: ["RUN_NOT_FOUND"],
  summary: "The run that the caller has started with an Idempotency-Key",
  request: {
    params: z.object({
      key: z
        .string()
        .min(1)
        .max(255)
        .openapi({ param: { name: "key", in: "path" } }),
    }),
  },
  responses: {
    200: json(z.object({ run_id: RunIdSchema, hash: z.string() }).openapi("KeyedRun"), "It is there"),
  },
});

const remove = operation("admin", {
  "x-action": "run.delete",
  method: "delete",
  path: "/runs/{run_id}",
  tags: ["runs"],
  summary: "Delete a run that has ended, with its logs",
  operationId: "deleteRun",
  problems: ["RUN_NOT_FOUND", "RUN_NOT_ENDED"],
  request: { params: RunPath },
  responses: { 204: { description: "It is gone; its id is not used again" } },
});

/** Acting on runs. */
export function addControlRoutes(router: Router, backend: Backend, { closing }: Pick<Streams, "closing">): void {
  const { runs, deleteRun, workflows } = backend;
  // Before what the operations themselves check.
  router.post("/runs", requireRole("operator"), makeOnce(runs));
  router.post("/runs/:run_id/rerun", requireRole("operator"), makeOnce(runs));
  router.openapi(start, async (c) => {
    const { workflow, definition_hash, definition, params, run_id, priority, preflight } = c.req.valid("json");
    if ((workflow === undefined) === (definition === undefined)) {
      throw new BusbarError("USAGE", "say which workflow, by its name or its definition, and not both");
    }
    requireAdminFor(c, definition);
    const trail = c.get("trail");
    if (workflow !== undefined) trail.about({ workflow });
    const text = definition === undefined ? await storedText(workflow ?? "", definition_hash) : toText(definition);
    const { runId, again = false } = await runs.start({
      definition: text,
      ...(params === undefined ? {} : { params }),
      ...startOptions(c, run_id, priority, preflight),
      audit: trail.entry(),
    });
    trail.settle();
    c.header("location", `/api/v1/runs/${runId}`);
    return answer(c, { run_id: runId, status: "pending" }, again ? 200 : 201);
  });
  router.openapi(resume, async (c) => {
    const { by, recovery, definition, preflight } = c.req.valid("json");
    requireAdminFor(c, definition);
    const { runId, from, reset, before } = await runs.resume(c.req.valid("param").run_id, {
      by: whoAsks(c, by),
      ...(recovery === undefined ? {} : { recovery }),
      ...(definition === undefined ? {} : { definition: toText(definition) }),
      ...preflightOf(preflight),
    });
    return answer(c, { run_id: runId, from, reset, before });
  });
  router.openapi(rerun, async (c) => {
    const { from, params, definition, run_id, priority, preflight } = c.req.valid("json");
    requireAdminFor(c, definition);
    const trail = c.get("trail");
    const {
      runId,
      kept,
      again = false,
    } = await runs.rerun(c.req.valid("param").run_id, {
      ...(from === undefined ? {} : { from }),
      ...(params === undefined ? {} : { params }),
      ...(definition === undefined ? {} : { definition: toText(definition) }),
      ...startOptions(c, run_id, priority, preflight),
      audit: trail.entry(),
    });
    trail.settle();
    c.header("location", `/api/v1/runs/${runId}`);
    return answer(c, { run_id: runId, status: "pending", kept }, again ? 200 : 201);
  });
  for (const kind of REQUEST_KINDS) {
    router.openapi(request(kind), async (c) => {
      const { key = randomUUID(), by, reason, until } = c.req.valid("json");
      const result = runs.request({
        runId: c.req.valid("param").run_id,
        kind,
        key: `${kind}/${key}`,
        by: whoAsks(c, by),
        signal: AbortSignal.any([c.req.raw.signal, closing]),
        ...(reason === undefined ? {} : { reason }),
        ...(until === undefined ? {} : { until }),
      });
      return answer(c, await result.catch(asStopping));
    });
  }
  router.openapi(remove, async (c) => {
    const { run_id } = c.req.valid("param");
    // A run that is not there is told as such.
    await runs.events(run_id, 0, 1);
    if (await deleteRun(run_id)) return c.body(null, 204);
    throw new BusbarError("RUN_NOT_ENDED", `run ${run_id} has not ended, or ended a moment ago`, {
      details: { run_id },
    });
  });

  router.openapi(byKey, async (c) => {
    const { key } = c.req.valid("param");
    const found = await runs.findByKey(storedKey(c, key));
    if (found === undefined) throw new BusbarError("RUN_NOT_FOUND", "no run was started with this key");
    return answer(c, found);
  });

  /** The request stands all the same; with its key it can be asked again what became of it. */
  function asStopping(thrown: unknown): never {
    throw closing.aborted ? new BusbarError("SERVER_BUSY", "the server is stopping") : thrown;
  }
  async function storedText(name: string, version: string | undefined): Promise<DefinitionText> {
    const { definition } = await workflows.read(name, version);
    return toText(definition);
  }
}

/** Whoever shows no token of their own is who they say they are, for people to read. */
function whoAsks(c: ApiContext, by: string | undefined): string {
  const { isMachine = false, name } = c.get("caller");
  if (by === undefined) return name;
  return isMachine ? by : `${by} (${name})`;
}

function toText({ format, text, file }: z.infer<typeof DefinitionSchema> | DefinitionText): DefinitionText {
  return { format, text, ...(file === undefined ? {} : { file }) };
}

/** Whoever may give a definition may have anything done that the host's policy allows. */
function requireAdminFor(c: ApiContext, definition: unknown): void {
  if (definition === undefined || mayAct(c.get("caller"), "admin")) return;
  throw new BusbarError(
    "FORBIDDEN",
    "a definition in the request needs the role admin; start a workflow of the server by its name",
  );
}

/** What a new run has beside its workflow and params. */
function startOptions(
  c: ApiContext,
  runId: string | undefined,
  priority: number | undefined,
  preflight: z.infer<typeof PreflightSchema> | undefined,
) {
  const idempotency = c.get("idempotency");
  return {
    ...(runId === undefined ? {} : { runId }),
    ...(priority === undefined ? {} : { priority }),
    ...(idempotency === undefined ? {} : { idempotency }),
    ...preflightOf(preflight),
  };
}

function preflightOf(given: z.infer<typeof PreflightSchema> | undefined) {
  if (given === false) return {};
  const { timeout_ms = PREFLIGHT_TIMEOUT_MS, wait_ms = 0, tell_unchecked } = given ?? {};
  return {
    preflight: {
      timeoutMs: timeout_ms,
      waitMs: wait_ms,
      ...(tell_unchecked === undefined ? {} : { tellUnchecked: tell_unchecked }),
    },
  };
}
