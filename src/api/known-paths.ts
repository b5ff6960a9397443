import type { MiddlewareHandler } from "hono";
import { problemResponse } from "./problem.ts";
import type { ApiContext, ApiEnv, Router } from "./router.ts";

/**
 * Answers what asks for no path of the router, or for a method that its path has not, before anything else of the
 * request is looked at: a problem of its body or of the caller would hide that.
 *
 * @param findMissingPage what is answered instead of a problem to somebody who looks for a page, if anything
 */
export function requireKnownPath(
  router: Router,
  findMissingPage: (c: ApiContext) => Response | undefined,
): MiddlewareHandler<ApiEnv> {
  let known: readonly Path[] | undefined;
  return async (c, next) => {
    // Routes are added after this one.
    known ??= pathsOf(router);
    const { method, path } = c.req;
    if (!isWellEncoded(path)) {
      return problemResponse({
        code: "REQUEST_INVALID",
        message: "the path of the request is not percent-encoded UTF-8",
      });
    }
    const methods = new Set(known.filter(({ pattern }) => pattern.test(path)).flatMap((each) => [...each.methods]));
    if (methods.size === 0) {
      return findMissingPage(c) ?? problemResponse({ code: "NOT_FOUND", message: "there is nothing at this path" });
    }
    if (methods.has("GET")) methods.add("HEAD");
    if (methods.has(method)) return next();
    const allow = [...methods, "OPTIONS"].join(", ");
    if (method === "OPTIONS") return new Response(null, { status: 204, headers: { allow } });
    const refused = problemResponse({ code: "METHOD_NOT_ALLOWED", message: `this path takes ${allow}` });
    refused.headers.set("allow", allow);
    return refused;
  };
}

function isWellEncoded(path: string): boolean {
  try {
    return decodeURIComponent(path) !== undefined;
  } catch {
    return false;
  }
}

interface Path {
  readonly pattern: RegExp;
  readonly methods: Set<string>;
}

function pathsOf(router: Router): readonly Path[] {
  const paths = new Map<string, Path>();
  for (const { path, method } of router.routes) {
    // Of all methods: what looks at every request.
    if (method === "ALL") continue;
    const parts = path.split("/").map(patternOf);
    const known = paths.get(path) ?? { pattern: new RegExp(`^${parts.join("/")}$`), methods: new Set() };
    known.methods.add(method);
    paths.set(path, known);
  }
  return [...paths.values()];
}

function patternOf(part: string): string {
  if (part.startsWith(":")) return "[^/]+";
  return part === "*" ? ".*" : part.replaceAll(".", "\\.");
}
