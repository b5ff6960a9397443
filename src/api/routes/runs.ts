import { z } from "@hono/zod-openapi";
import { RUN_ORIGINS } from "../../ports/run-facts.ts";
import type { Backend } from "../backend.ts";
import { answer, json, operation, type Router } from "../router.ts";
import { wholeNumber } from "../schemas/query.ts";
import {
  ExplanationSchema,
  RunCountsSchema,
  RunGraphSchema,
  RunListSchema,
  RunPath,
  RunStatusSchema,
  RunViewSchema,
} from "../schemas/run.ts";

/** Runs of one page where the request does not say how many, and at most. */
const PAGE = 50;
const MAX_PAGE = 500;

const Time = z.iso.datetime({ offset: true });

const ListQuery = z.object({
  status: RunStatusSchema.optional(),
  workflow: z.string().optional(),
  text: z.string().max(200).optional().openapi({
    description: "Stands in the workflow's name, the run's id, or `CODE: message` of its error, whatever the case",
  }),
  interrupted: z.enum(["true", "false"]).optional(),
  since: Time.optional().openapi({ description: "Created then or later" }),
  created_before: Time.optional(),
  origin: z.enum(RUN_ORIGINS).optional().openapi({ description: "Who started it" }),
  ended: z.enum(["true", "false"]).optional().openapi({ description: "Has ended; false: all others" }),
  ended_since: Time.optional().openapi({ description: "Ended then or later" }),
  ended_before: Time.optional(),
  before: z.string().optional().openapi({ description: "The `next` of an earlier list" }),
  limit: wholeNumber(0, MAX_PAGE).optional(),
});

const list = operation("viewer", {
  method: "get",
  path: "/runs",
  tags: ["runs"],
  summary: "List runs, newest first",
  operationId: "listRuns",
  problems: ["USAGE"],
  request: { query: ListQuery },
  responses: { 200: json(RunListSchema, "A page of the list") },
});

const count = operation("viewer", {
  method: "get",
  path: "/run-counts",
  tags: ["runs"],
  summary: "How many runs there are, by where they stand",
  operationId: "countRuns",
  responses: { 200: json(RunCountsSchema, "Those that nobody drives are counted as interrupted alone") },
});

const get = operation("viewer", {
  method: "get",
  path: "/runs/{run_id}",
  tags: ["runs"],
  summary: "All that is known of a run",
  operationId: "getRun",
  problems: ["RUN_NOT_FOUND"],
  request: { params: RunPath },
  responses: { 200: json(RunViewSchema, "The run, as `busbar show --json` prints it") },
});

const graph = operation("viewer", {
  method: "get",
  path: "/runs/{run_id}/graph",
  tags: ["runs"],
  summary: "The graph of a run, with the states of its nodes",
  operationId: "getRunGraph",
  problems: ["RUN_NOT_FOUND"],
  request: { params: RunPath },
  responses: { 200: json(RunGraphSchema, "Nodes in file order, and edges between them") },
});

const explain = operation("viewer", {
  method: "get",
  path: "/runs/{run_id}/explain",
  tags: ["runs"],
  summary: "Why a run and its nodes stand where they stand, and what to do next",
  operationId: "explainRun",
  problems: ["RUN_NOT_FOUND"],
  request: { params: RunPath },
  responses: { 200: json(ExplanationSchema, "As `busbar explain --json` prints it") },
});

const resolve = operation("viewer", {
  method: "get",
  path: "/resolve",
  tags: ["runs"],
  summary: "The run that a name means: its id, the beginning of it, or `last`",
  operationId: "resolveRun",
  problems: ["RUN_NOT_FOUND", "RUN_AMBIGUOUS"],
  request: { query: z.object({ run: z.string() }) },
  responses: { 200: json(z.object({ run_id: z.string() }), "The only run that is meant") },
});

/** Looking at runs. */
export function addRunRoutes(router: Router, { runs, countRuns }: Backend): void {
  router.openapi(list, async (c) => {
    const { status, workflow, text, interrupted, since, origin, before, limit = PAGE, ...more } = c.req.valid("query");
    const { created_before: createdBefore, ended, ended_since: endedSince, ended_before: endedBefore } = more;
    return answer(
      c,
      await runs.list({
        limit,
        ...(status === undefined ? {} : { status }),
        ...(workflow === undefined ? {} : { workflow }),
        ...(text === undefined ? {} : { text }),
        ...(interrupted === undefined ? {} : { interrupted: interrupted === "true" }),
        ...(since === undefined ? {} : { since }),
        ...(createdBefore === undefined ? {} : { createdBefore }),
        ...(origin === undefined ? {} : { origin }),
        ...(ended === undefined ? {} : { ended: ended === "true" }),
        ...(endedSince === undefined ? {} : { endedSince }),
        ...(endedBefore === undefined ? {} : { endedBefore }),
        ...(before === undefined ? {} : { before }),
      }),
    );
  });
  router.openapi(count, async (c) => answer(c, await countRuns()));
  router.openapi(get, async (c) => answer(c, await runs.get(c.req.valid("param").run_id)));
  router.openapi(graph, async (c) => {
    const { status, last_seq, nodes } = await runs.get(c.req.valid("param").run_id);
    return answer(c, {
      status,
      last_seq,
      nodes: nodes.map((node) => ({ id: node.id, status: node.status, attempts: node.attempts.length })),
      edges: nodes.flatMap(({ id, upstream }) => upstream.map((from) => ({ from, to: id }))),
    });
  });
  router.openapi(explain, async (c) => answer(c, (await runs.get(c.req.valid("param").run_id)).explanation));
  router.openapi(resolve, async (c) => answer(c, { run_id: await runs.resolve(c.req.valid("query").run) }));
}
