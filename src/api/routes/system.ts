import { z } from "@hono/zod-openapi";
import type { Backend } from "../backend.ts";
import { METRICS_TYPE, writeMetrics } from "../metrics/write-metrics.ts";
import { answer, json, operation, type Router, requireRole } from "../router.ts";

const Count = z.number().int().min(0);

const SystemViewSchema = z
  .object({
    version: z.string(),
    node_version: z.string(),
    pid: z.number().int(),
    host: z.string(),
    started_at: z.string().openapi({ format: "date-time" }),
    uptime_s: z.number().min(0),
    journal_bytes: Count,
    cluster: z
      .object({
        ingress: z.string(),
        admin: z.string(),
        version: z.string().optional(),
        workers: z.array(z.string()).optional(),
      })
      .optional()
      .openapi({ description: "What drives the runs, where that is not this process" }),
    retention: z
      .object({ max_age_ms: z.number().optional(), max_runs: Count.optional(), max_bytes: Count.optional() })
      .openapi({ description: "What is kept of runs that the server started; without a limit where one is left out" }),
    runs: z.object({ running: Count, waiting: Count, max_runs: Count.optional() }),
    event_loop_delay: z
      .object({ p50_ms: z.number().min(0), p99_ms: z.number().min(0), max_ms: z.number().min(0) })
      .openapi({ description: "Of the last seconds" }),
    memory_bytes: Count,
  })
  .openapi("SystemView");

const system = operation("viewer", {
  method: "get",
  path: "/system",
  tags: ["system"],
  summary: "The process of the server, its journal and its limits",
  operationId: "getSystem",
  responses: { 200: json(SystemViewSchema, "As they are now") },
});

export function addSystemRoutes(router: Router, { system: readSystem }: Backend): void {
  router.openapi(system, async (c) => answer(c, await readSystem()));
}

/** `/metrics`, beside the API: what Prometheus reads. */
export function addMetricsRoute(router: Router, { metrics }: Backend): void {
  router.get("/metrics", requireRole("viewer"), (c) =>
    c.body(writeMetrics(metrics.read()), 200, { "content-type": METRICS_TYPE }),
  );
}
