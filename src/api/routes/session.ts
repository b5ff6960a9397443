import { z } from "@hono/zod-openapi";
import type { Caller } from "../access/caller.ts";
import { writeSessionCookie } from "../access/cookie.ts";
import type { Guard } from "../access/guard.ts";
import { answer, body, json, operation, type Router } from "../router.ts";
import { RoleSchema } from "../schemas/access.ts";

const SessionSchema = z
  .object({ role: RoleSchema, name: z.string(), id: z.string().openapi({ description: "`token:ID` or `loopback`" }) })
  .openapi("Session");

const get = operation("viewer", {
  operationId: "getSession",
  method: "get",
  path: "/session",
  tags: ["session"],
  summary: "Who I am",
  responses: { 200: json(SessionSchema, "Who the server takes the caller for") },
});

const open = operation("nobody", {
  operationId: "openSession",
  method: "post",
  path: "/session",
  tags: ["session"],
  summary: "Sign a browser in with a token",
  "x-action": "session.open",
  request: { body: body(z.strictObject({ token: z.string().max(1_000) }).openapi("SignIn")) },
  responses: { 200: json(SessionSchema, "Signed in: the answer sets a cookie that pages cannot read") },
});

const close = operation("nobody", {
  operationId: "closeSession",
  method: "delete",
  path: "/session",
  tags: ["session"],
  summary: "Sign a browser out",
  "x-action": "session.close",
  responses: { 204: { description: "The session is over" } },
});

/** Browsers sign in and out; programs show their token with every request. */
export function addSessionRoutes(router: Router, { logIn, sessions }: Pick<Guard, "logIn" | "sessions">): void {
  router.openapi(get, (c) => answer(c, describe(c.get("caller"))));
  router.openapi(open, async (c) => {
    const { value, isSecure } = c.get("session");
    const { address = "", ...caller } = c.get("caller");
    const { id, role, name = `token ${id}` } = await logIn(c.req.valid("json").token, address);
    // Whoever had the old cookie does not get into the new session.
    if (value !== undefined) sessions.close(value);
    c.header("set-cookie", writeSessionCookie(sessions.open(id), isSecure));
    c.set("caller", { ...caller, id: `token:${id}`, role, name, address });
    return answer(c, describe(c.get("caller")));
  });
  router.openapi(close, (c) => {
    const { value, isSecure } = c.get("session");
    if (value === undefined) c.get("trail").settle();
    else sessions.close(value);
    c.header("set-cookie", writeSessionCookie(undefined, isSecure));
    return c.body(null, 204);
  });
}

function describe({ role, name, id }: Caller) {
  return { role, name, id };
}
