import { z } from "@hono/zod-openapi";
import type { Backend } from "../backend.ts";
import { answer, body, json, operation, type Router } from "../router.ts";
import { ErrorInfoSchema, FindingSchema } from "../schemas/run.ts";

const Time = z.string().openapi({ format: "date-time" });

const ServiceViewSchema = z
  .object({
    name: z.string(),
    address: z.string(),
    status: z.enum(["serving", "not_serving", "unreachable", "unknown"]),
    contract: z.enum(["ok", "wrong", "unchecked"]),
    latency_ms: z.number().min(0).optional(),
    in_flight: z.number().int().min(0),
    last_error: z.object({ at: Time, error: ErrorInfoSchema }).optional(),
    checked_at: Time.optional(),
    findings: z.array(FindingSchema),
    watched: z.boolean(),
    used_by: z.object({ workflows: z.array(z.string()), runs: z.number().int().min(0) }),
  })
  .openapi("ServiceView");

const ServiceListSchema = z.object({ services: z.array(ServiceViewSchema) }).openapi("ServiceList");

const list = operation("viewer", {
  method: "get",
  path: "/services",
  tags: ["services"],
  summary: "The services that workflows and live runs name, and how they are",
  operationId: "listServices",
  responses: { 200: json(ServiceListSchema, "In order of their names; as of when each was looked at last") },
});

const ProbeSchema = z
  .strictObject({
    address: z.string().optional().openapi({ description: "As it is listed. Left out: all of them" }),
  })
  .openapi("ProbeServices");

const probe = operation("operator", {
  method: "post",
  path: "/services/probe",
  tags: ["services"],
  summary: "Look at services now",
  operationId: "probeServices",
  "x-action": "services.probe",
  problems: ["ADDRESS_NOT_NAMED"],
  request: { body: body(ProbeSchema) },
  responses: { 200: json(ServiceListSchema, "Those that were meant, as they are") },
});

/** The services that runs call. */
export function addServiceRoutes(router: Router, { services }: Backend): void {
  router.openapi(list, async (c) => answer(c, { services: await services.list() }));
  router.openapi(probe, async (c) =>
    answer(c, { services: await services.probe(c.req.valid("json").address, c.req.raw.signal) }),
  );
}
