import { randomUUID } from "node:crypto";
import { z } from "@hono/zod-openapi";
import { REQUEST_KINDS, type RequestKind } from "../../engine/requests.ts";
import { isTerminalRun } from "../../engine/status.ts";
import { BusbarError } from "../../kernel/errors.ts";
import type { RequestResult } from "../../ports/runtime.ts";
import type { Backend } from "../backend.ts";
import { givenDefinition, preflightOf, whoAsks } from "../given.ts";
import { answer, body, json, operation, type Router } from "../router.ts";
import { RunIdSchema, RunPath, RunViewSchema } from "../schemas/run.ts";
import { BySchema, ResumeSchema } from "../schemas/start.ts";
import type { Streams } from "../streams/streams.ts";

/** How long a request to a run waits for its answer before it says that there is none yet: proxies wait for a minute. */
const ANSWER_MS = 25_000;

const resume = operation("operator", {
  "x-action": "run.resume",
  method: "post",
  path: "/runs/{run_id}/resume",
  tags: ["runs"],
  summary: "Go on with a failed, cancelled or interrupted run",
  operationId: "resumeRun",
  problems: [
    "RUN_NOT_FOUND",
    "WORKFLOW_UNKNOWN",
    "USAGE",
    "RUN_ALREADY_SUCCEEDED",
    "RUN_ALREADY_ENDED",
    "RUN_OWNED",
    "RESUME_FILE_DIFFERS",
    422,
  ],
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

const RequestSchema = z
  .strictObject({
    key: z.string().min(1).max(200).optional().openapi({ description: "Two requests with one key are one request" }),
    by: BySchema.optional(),
    reason: z.string().max(10_000).optional(),
    until: z
      .enum(["recorded", "answered"])
      .optional()
      .openapi({ description: "What the answer waits for; `answered`, which is the default, for up to 25 s" }),
  })
  .openapi("RunRequest");

const AnswerSchema = z
  .object({
    kind: z.enum(["applied", "refused", "recorded"]).openapi({
      description: "`recorded`: there is no answer yet; whoever asks again with the same key is told of it",
    }),
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

/** Acting on runs that are there. */
export function addControlRoutes(
  router: Router,
  { runs, workflows, deleteRun, clock }: Backend,
  { closing }: Pick<Streams, "closing">,
): void {
  router.openapi(resume, async (c) => {
    const asked = c.req.valid("json");
    const { by, recovery, preflight } = asked;
    const definition = await givenDefinition(c, workflows, asked);
    const { runId, from, reset, before } = await runs.resume(c.req.valid("param").run_id, {
      by: whoAsks(c, by),
      ...(recovery === undefined ? {} : { recovery }),
      ...(definition === undefined ? {} : { definition }),
      ...preflightOf(preflight),
    });
    return answer(c, { run_id: runId, from, reset, before });
  });
  for (const kind of REQUEST_KINDS) {
    router.openapi(request(kind), async (c) => {
      const { key = randomUUID(), by, reason, until } = c.req.valid("json");
      const late = new AbortController();
      const cancel = clock.after(ANSWER_MS, () => late.abort());
      const result = runs.request({
        runId: c.req.valid("param").run_id,
        kind,
        key: `${kind}/${key}`,
        by: whoAsks(c, by),
        signal: AbortSignal.any([c.req.raw.signal, closing, late.signal]),
        ...(reason === undefined ? {} : { reason }),
        ...(until === undefined ? {} : { until }),
      });
      const told = result.catch((thrown): RequestResult => {
        // It is recorded by now: nobody looks at the signal before.
        if (late.signal.aborted && thrown === late.signal.reason) return { kind: "recorded" };
        return asStopping(thrown);
      });
      return answer(c, await told.finally(cancel));
    });
  }
  router.openapi(remove, async (c) => {
    const { run_id } = c.req.valid("param");
    // A run that is not there is told as such.
    await runs.events(run_id, 0, 1);
    if (await deleteRun(run_id)) return c.body(null, 204);
    const { status } = await runs.get(run_id);
    const message = isTerminalRun(status)
      ? `run ${run_id} ended less than 10 s ago, and is still told of: delete it a moment later`
      : `run ${run_id} has not ended`;
    throw new BusbarError("RUN_NOT_ENDED", message, { details: { run_id } });
  });

  /** The request stands all the same; with its key it can be asked again what became of it. */
  function asStopping(thrown: unknown): never {
    throw closing.aborted ? new BusbarError("SERVER_BUSY", "the server is stopping") : thrown;
  }
}
