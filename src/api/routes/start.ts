import { z } from "@hono/zod-openapi";
import { BusbarError } from "../../kernel/errors.ts";
import { audited } from "../access/audit-trail.ts";
import type { Backend } from "../backend.ts";
import { givenDefinition, preflightOf } from "../given.ts";
import { makeOnce, storedKey } from "../idempotency.ts";
import { readBody } from "../read-body.ts";
import { type ApiContext, answer, body, json, operation, type Router, requireRole } from "../router.ts";
import { RunIdSchema, RunPath } from "../schemas/run.ts";
import { IdempotencyKey, type PreflightSchema, RerunSchema, StartedSchema, StartSchema } from "../schemas/start.ts";

const AGAIN = "The same was asked for before, with the same key; nothing is done now";

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
    "WORKFLOW_UNKNOWN",
    "USAGE",
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

/** Making runs: of a workflow, and of another run. */
export function addStartRoutes(router: Router, { runs, workflows }: Backend): void {
  // Before what the operations themselves check; what is refused here is in the audit log all the same.
  const before = [requireRole("operator"), readBody, makeOnce(runs)] as const;
  router.post("/runs", audited(start["x-action"]), ...before);
  router.post("/runs/:run_id/rerun", audited(rerun["x-action"]), ...before);
  router.openapi(start, async (c) => {
    const asked = c.req.valid("json");
    const { params, run_id, priority, preflight } = asked;
    const trail = c.get("trail");
    const definition = await givenDefinition(c, workflows, asked);
    if (definition === undefined) throw new BusbarError("USAGE", "say which workflow, by its name or its definition");
    const { runId, again = false } = await runs.start({
      definition,
      ...(params === undefined ? {} : { params }),
      ...startOptions(c, run_id, priority, preflight),
      audit: trail.entry(),
    });
    trail.settle();
    c.header("location", `/api/v1/runs/${runId}`);
    return answer(c, { run_id: runId, status: "pending" }, again ? 200 : 201);
  });
  router.openapi(rerun, async (c) => {
    const asked = c.req.valid("json");
    const { from, params, run_id, priority, preflight } = asked;
    const trail = c.get("trail");
    const definition = await givenDefinition(c, workflows, asked);
    const {
      runId,
      kept,
      again = false,
    } = await runs.rerun(c.req.valid("param").run_id, {
      ...(from === undefined ? {} : { from }),
      ...(params === undefined ? {} : { params }),
      ...(definition === undefined ? {} : { definition }),
      ...startOptions(c, run_id, priority, preflight),
      audit: trail.entry(),
    });
    trail.settle();
    c.header("location", `/api/v1/runs/${runId}`);
    return answer(c, { run_id: runId, status: "pending", kept }, again ? 200 : 201);
  });
  router.openapi(byKey, async (c) => {
    const { key } = c.req.valid("param");
    const found = await runs.findByKey(storedKey(c, key));
    if (found === undefined) throw new BusbarError("RUN_NOT_FOUND", "no run was started with this key");
    return answer(c, found);
  });
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
