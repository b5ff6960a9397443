import type { MiddlewareHandler } from "hono";
import { problemResponse } from "./problem.ts";
import type { ApiEnv } from "./router.ts";

/**
 * Of any body; of one that holds a workflow, whose text may have 32 MiB and is longer as JSON; and of what strangers may
 * send, on as many connections as they like.
 */
const MAX_BYTES = 1024 * 1024;
const MAX_STRANGER_BYTES = 4 * 1024;
const MAX_WORKFLOW_BYTES = 48 * 1024 * 1024;
const HOLDS_WORKFLOW = /^\/api\/v1\/(?:runs|runs\/[^/]+\/(?:resume|rerun)|workflows(?:\/[^/]+)?)$/;

/**
 * Lets only JSON through whose length is said and allowed, before any of it is read. (A body without its type would
 * not be held against its schema.)
 */
export const checkBody: MiddlewareHandler<ApiEnv> = async (c, next) => {
  const { method, path } = c.req;
  if (c.req.header("transfer-encoding") !== undefined) {
    return problemResponse({ code: "LENGTH_REQUIRED", message: "the body comes in chunks of unknown number" });
  }
  const length = Number(c.req.header("content-length") ?? 0);
  const max = maxOf(path);
  if (length > max) {
    return problemResponse({
      code: "REQUEST_TOO_LARGE",
      message: `the body has ${length} bytes; here ${max} are taken`,
    });
  }
  const isBodied = method === "POST" || method === "PUT" || method === "PATCH";
  const type = c.req.header("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (isBodied && type !== "application/json") {
    return problemResponse({ code: "MEDIA_TYPE", message: "send the body as content-type: application/json" });
  }
  return next();
};

function maxOf(path: string): number {
  if (path === "/api/v1/session") return MAX_STRANGER_BYTES;
  return HOLDS_WORKFLOW.test(path) ? MAX_WORKFLOW_BYTES : MAX_BYTES;
}
