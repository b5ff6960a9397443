import { createRoute, OpenAPIHono, type RouteConfig, z } from "@hono/zod-openapi";
import type { MiddlewareHandler } from "hono";
import { BusbarError } from "../kernel/errors.ts";
import { escapeUnseen } from "../kernel/text.ts";
import { audited } from "./access/audit-trail.ts";
import { mayAct, type Role } from "./access/caller.ts";
import { type DeclaredProblem, describeProblems } from "./declared-problems.ts";
import type { ApiContext, ApiEnv } from "./env.ts";
import { problemResponse } from "./problem.ts";
import { readBody } from "./read-body.ts";

export type { ApiContext, ApiEnv };
export type Router = OpenAPIHono<ApiEnv>;

const PARTS: { readonly [target: string]: string } = {
  json: "the body of the request",
  query: "the query of the request",
  param: "the path of the request",
  header: "a header of the request",
};

/** What is told of a request that is wrong in many ways, or at length. */
const MAX_ISSUES = 20;
const cut = (text: string): string => (text.length <= 300 ? text : `${text.slice(0, 299)}…`);

/** A router whose requests are checked against their schemas: what does not fit is told as a problem. */
export function createRouter(): Router {
  return new OpenAPIHono<ApiEnv>({
    defaultHook: (result) => {
      if (result.success) return;
      const issues = result.error.issues
        .slice(0, MAX_ISSUES)
        .map(({ path, message }) => ({ path: path.map((key) => cut(String(key))), message: cut(message) }));
      const [first] = issues;
      const where = first === undefined || first.path.length === 0 ? "" : `${escapeUnseen(first.path.join("."))}: `;
      return problemResponse({
        code: "REQUEST_INVALID",
        message: `${PARTS[result.target] ?? result.target} is not as it should be: ${where}${escapeUnseen(first?.message ?? "")}`,
        details: { issues },
      });
    },
  });
}

/** What an operation says of itself beside what OpenAPI asks for. */
interface Declared {
  /** What generated clients call it: `startRun`. */
  readonly operationId: string;
  /** Problems beside those that follow from what it takes (declared-problems.ts). */
  readonly problems?: readonly DeclaredProblem[];
}

/** One that changes something says what the audit log calls that: `run.start`. */
type Acting =
  | { readonly method: "get"; readonly "x-action"?: never }
  | { readonly method: "post" | "put" | "patch" | "delete"; readonly "x-action": string };

/** Lets only those through who may act in that role. */
export function requireRole(role: Role): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const caller = c.get("caller");
    if (mayAct(caller, role)) return next();
    if (caller.role === "nobody") throw new BusbarError("TOKEN_REQUIRED", "the server does not know who asks");
    throw new BusbarError("FORBIDDEN", `this needs the role ${role}, and yours is ${caller.role}`);
  };
}

/**
 * Declares an operation: who may call it, what it takes and what it answers.
 * @param role the least that its caller needs; `nobody`: it is open
 */
export function operation<
  P extends string,
  R extends Omit<RouteConfig, "path" | "method"> & { path: P } & Declared & Acting,
>(role: Role | "nobody", config: R) {
  const { problems = [], ...described } = config;
  const action = config["x-action"];
  const middleware = [
    ...(action === undefined ? [] : [audited(action)]),
    ...(role === "nobody" ? [] : [requireRole(role)]),
    ...(config.request?.body === undefined ? [] : [readBody]),
  ];
  const responses = { ...config.responses, ...describeProblems(role, config, problems) };
  const request = config.request === undefined ? {} : { request: withStrictQuery(config.request) };
  return createRoute({ ...described, ...request, responses, middleware, "x-role": role } as unknown as R);
}

/** A filter whose name is misspelt would let everything through. */
function withStrictQuery(request: NonNullable<RouteConfig["request"]>): NonNullable<RouteConfig["request"]> {
  const { query } = request;
  if (!(query instanceof z.ZodObject)) return request;
  const known = Object.keys(query.shape).join(", ");
  const error = ({ code, keys }: { readonly code: string; readonly keys?: readonly string[] }): string | undefined =>
    code === "unrecognized_keys" ? `it has no ${keys?.join(", ")}, but ${known}` : undefined;
  return { ...request, query: z.strictObject(query.shape, { error }) };
}

/** A response with a JSON body of that schema. */
export function json<S extends z.ZodType>(schema: S, description: string) {
  return { description, content: { "application/json": { schema } } };
}

/** A request with a JSON body of that schema, which has to be there. */
export function body<S extends z.ZodType>(schema: S) {
  return { required: true, content: { "application/json": { schema } } };
}

/** Answers with JSON whose shape a schema of the operation says; that it does is a matter of the contract test. */
export function answer(c: ApiContext, value: unknown, status = 200): never {
  return c.json(value as never, status as never) as never;
}
