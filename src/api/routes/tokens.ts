import { z } from "@hono/zod-openapi";
import { BusbarError } from "../../kernel/errors.ts";
import { timestampOf } from "../../kernel/timestamp.ts";
import type { Backend } from "../backend.ts";
import { answer, body, json, operation, type Router } from "../router.ts";
import { AuditEntrySchema, RoleSchema, TokenSchema } from "../schemas/access.ts";
import { wholeNumber } from "../schemas/query.ts";

/** Ten years. */
const MAX_EXPIRES_S = 3_650 * 86_400;
const PAGE = 100;
const MAX_PAGE = 1_000;

const list = operation("admin", {
  operationId: "listTokens",
  method: "get",
  path: "/tokens",
  tags: ["system"],
  summary: "Who may use the server",
  responses: { 200: json(z.object({ tokens: z.array(TokenSchema) }), "All tokens, the oldest first") },
});

const create = operation("admin", {
  operationId: "createToken",
  method: "post",
  path: "/tokens",
  tags: ["system"],
  summary: "Make a token",
  "x-action": "token.create",
  request: {
    body: body(
      z
        .strictObject({
          role: RoleSchema,
          name: z.string().min(1).max(100).optional(),
          expires_in_s: z.number().int().min(1).max(MAX_EXPIRES_S).optional(),
        })
        .openapi("CreateToken"),
    ),
  },
  responses: {
    201: json(TokenSchema.extend({ token: z.string() }).openapi("CreatedToken"), "The token, which is shown this once"),
  },
});

const revoke = operation("admin", {
  operationId: "revokeToken",
  problems: ["TOKEN_NOT_FOUND"],
  method: "delete",
  path: "/tokens/{token_id}",
  tags: ["system"],
  summary: "Revoke a token",
  "x-action": "token.revoke",
  request: { params: z.object({ token_id: z.string().min(1).max(64) }) },
  responses: { 204: { description: "It is not valid any more, and what it has open ends" } },
});

const audit = operation("admin", {
  operationId: "readAudit",
  method: "get",
  path: "/audit",
  tags: ["system"],
  summary: "Who did what, newest first",
  request: {
    query: z.object({
      before: wholeNumber(1).optional().openapi({ description: "The `next` of an earlier page" }),
      limit: wholeNumber(1, MAX_PAGE).optional(),
    }),
  },
  responses: {
    200: json(
      z.object({ entries: z.array(AuditEntrySchema), next: z.number().int().optional() }),
      "A page; `next` where there are older entries",
    ),
  },
});

/** Who may use the server, and who did what. */
export function addTokenRoutes(router: Router, { tokens, audit: log }: Pick<Backend, "tokens" | "audit">): void {
  router.openapi(list, async (c) => answer(c, { tokens: await tokens.list() }));
  router.openapi(create, async (c) => {
    const { role, name, expires_in_s } = c.req.valid("json");
    const trail = c.get("trail");
    const { token, record } = await tokens.create({
      role,
      ...(name === undefined ? {} : { name }),
      ...(expires_in_s === undefined ? {} : { expiresAt: timestampOf(c.get("now")() + expires_in_s * 1000) }),
      audit: trail.entry(),
    });
    trail.settle();
    c.header("cache-control", "no-store");
    return answer(c, { token, ...record }, 201);
  });
  router.openapi(revoke, async (c) => {
    const { token_id } = c.req.valid("param");
    const trail = c.get("trail");
    if (!(await tokens.revoke(token_id, trail.entry()))) {
      throw new BusbarError("TOKEN_NOT_FOUND", "no token of this server has that id");
    }
    trail.settle();
    return c.body(null, 204);
  });
  router.openapi(audit, async (c) => {
    const { before, limit = PAGE } = c.req.valid("query");
    return answer(c, await log.read({ limit, ...(before === undefined ? {} : { before }) }));
  });
}
