import type { z } from "@hono/zod-openapi";
import { BusbarError } from "../../kernel/errors.ts";
import type { Backend } from "../backend.ts";
import { type ApiContext, answer, body, json, operation, type Router } from "../router.ts";
import {
  StoredSchema,
  UploadSchema,
  VersionPath,
  WorkflowListSchema,
  WorkflowPath,
  WorkflowStatsSchema,
  WorkflowViewSchema,
} from "../schemas/workflow.ts";

const list = operation("viewer", {
  method: "get",
  path: "/workflows",
  tags: ["workflows"],
  summary: "List the workflows of the server, those with broken files too",
  operationId: "listWorkflows",
  responses: { 200: json(WorkflowListSchema, "All of them, in order of their names") },
});

const get = operation("viewer", {
  method: "get",
  path: "/workflows/{name}",
  tags: ["workflows"],
  summary: "A workflow as its file stands: text, graph, params, versions, and what is wrong with it",
  operationId: "getWorkflow",
  problems: ["WORKFLOW_UNKNOWN"],
  request: { params: WorkflowPath },
  responses: { 200: json(WorkflowViewSchema, "The workflow") },
});

const getVersion = operation("viewer", {
  method: "get",
  path: "/workflows/{name}/versions/{definition_hash}",
  tags: ["workflows"],
  summary: "A workflow as it was",
  operationId: "getWorkflowVersion",
  problems: ["WORKFLOW_UNKNOWN"],
  request: { params: VersionPath },
  responses: { 200: json(WorkflowViewSchema, "That version of it") },
});

const getStats = operation("viewer", {
  method: "get",
  path: "/workflows/{name}/stats",
  tags: ["workflows"],
  summary: "What became of a workflow's runs: by day for a year, and the last 20",
  operationId: "getWorkflowStats",
  problems: ["WORKFLOW_UNKNOWN"],
  request: { params: WorkflowPath },
  responses: { 200: json(WorkflowStatsSchema, "Days in UTC, on which anything ended") },
});

const UPLOAD_PROBLEMS = ["WORKFLOW_CHANGED", "USAGE", "WORKFLOW_TOO_LARGE", 422] as const;

const STORED = {
  200: json(StoredSchema, "It replaces what was there, or is the same"),
  201: json(StoredSchema, "It is new"),
};

const create = operation("admin", {
  method: "post",
  path: "/workflows",
  tags: ["workflows"],
  summary: "Store a workflow under the name that it says",
  operationId: "storeWorkflow",
  "x-action": "workflow.put",
  problems: UPLOAD_PROBLEMS,
  request: { body: body(UploadSchema) },
  responses: STORED,
});

const replace = operation("admin", {
  method: "put",
  path: "/workflows/{name}",
  tags: ["workflows"],
  summary: "Store a workflow under this name, which must be the one that it says",
  operationId: "putWorkflow",
  "x-action": "workflow.put",
  problems: UPLOAD_PROBLEMS,
  request: { params: WorkflowPath, body: body(UploadSchema) },
  responses: STORED,
});

/** The workflows of the server. */
export function addWorkflowRoutes(router: Router, { workflows, stats }: Backend): void {
  router.openapi(list, async (c) => answer(c, { workflows: await workflows.list() }));
  router.openapi(get, async (c) => answer(c, await workflows.get(c.req.valid("param").name)));
  router.openapi(getVersion, async (c) => {
    const { name, definition_hash } = c.req.valid("param");
    return answer(c, await workflows.get(name, definition_hash));
  });
  router.openapi(getStats, async (c) => {
    const { name } = c.req.valid("param");
    const found = await stats.of(name);
    // A workflow that never ran, or none at all.
    if (found.recent.length === 0) await workflows.get(name);
    return answer(c, found);
  });
  router.openapi(create, async (c) => store(c, c.req.valid("json")));
  router.openapi(replace, async (c) => store(c, c.req.valid("json"), c.req.valid("param").name));

  async function store(c: ApiContext, upload: z.infer<typeof UploadSchema>, name?: string): Promise<never> {
    const { format, text, replaces } = upload;
    const put = await workflows.put({
      format,
      text,
      by: c.get("caller").name,
      ...(name === undefined ? {} : { name }),
      ...(replaces === undefined ? {} : { replaces }),
    });
    if (!put.ok) throw refusal(put.diagnostics);
    const trail = c.get("trail");
    if (put.change === "unchanged") trail.settle();
    else trail.about({ workflow: put.workflow.name });
    c.header("location", `/api/v1/workflows/${encodeURIComponent(put.workflow.name)}`);
    return answer(c, { change: put.change, workflow: put.workflow }, put.change === "created" ? 201 : 200);
  }
}

type Diagnostics = Extract<Awaited<ReturnType<Backend["workflows"]["put"]>>, { ok: false }>["diagnostics"];

/** All that is wrong with an upload, under the code of the first. */
function refusal(diagnostics: Diagnostics): BusbarError {
  const [first] = diagnostics;
  const message =
    first === undefined ? "the text is no workflow" : `${first.file}:${first.line}:${first.column}: ${first.message}`;
  return new BusbarError(first?.code ?? "WORKFLOW_SYNTAX", message, {
    details: { diagnostics: diagnostics.map((one) => ({ ...one })) },
  });
}
