import type { RouteConfig } from "@hono/zod-openapi";
import { ERRORS, type ErrorCode } from "../kernel/error-table.ts";
import type { Role } from "./access/caller.ts";
import { statusOf } from "./problem.ts";
import { ProblemSchema } from "./schemas/problem.ts";

/** A problem that an operation may answer with: its code, or a status that stands for every code which has it. */
export type DeclaredProblem = ErrorCode | number;

const REF = { $ref: "#/components/schemas/Problem" };

/** The problems of an operation as responses of its description, a response a status: those given, and those that follow from what it takes. */
export function describeProblems(
  role: Role | "nobody",
  { request }: Pick<RouteConfig, "request">,
  given: readonly DeclaredProblem[],
): RouteConfig["responses"] {
  const byStatus = new Map<number, readonly ErrorCode[]>();
  for (const problem of new Set([...problemsOfAll(role, request), ...given])) {
    if (typeof problem === "number") byStatus.set(problem, []);
    else byStatus.set(statusOf(problem), [...(byStatus.get(statusOf(problem)) ?? []), problem]);
  }
  const responses: RouteConfig["responses"] = {};
  for (const [status, codes] of [...byStatus].sort(([a], [b]) => a - b)) {
    responses[status] = {
      description:
        codes.length === 0
          ? "A code of the table of errors"
          : codes.map((code) => `\`${code}\`: ${ERRORS[code].meaning}`).join(" "),
      content: {
        "application/problem+json": {
          schema:
            codes.length === 0
              ? REF
              : { allOf: [REF, { type: "object", properties: { code: { type: "string", enum: [...codes] } } }] },
        },
      },
    };
  }
  responses.default = {
    description: "What else is wrong, and what to do (RFC 9457)",
    content: { "application/problem+json": { schema: ProblemSchema } },
  };
  return responses;
}

function problemsOfAll(role: Role | "nobody", request: RouteConfig["request"]): readonly ErrorCode[] {
  const takes = request ?? {};
  return [
    ...(Object.keys(takes).length === 0 ? [] : (["REQUEST_INVALID"] as const)),
    ...(role === "nobody" ? [] : (["TOKEN_REQUIRED"] as const)),
    ...(["TOKEN_INVALID", "TOO_MANY_LOGINS", "HOST_UNKNOWN", "ORIGIN_FOREIGN"] as const),
    ...(role === "viewer" || role === "nobody" ? [] : (["FORBIDDEN"] as const)),
    ...(takes.body === undefined ? [] : (["LENGTH_REQUIRED", "REQUEST_TOO_LARGE", "MEDIA_TYPE"] as const)),
  ];
}
