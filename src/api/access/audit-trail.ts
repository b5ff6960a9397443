import type { MiddlewareHandler } from "hono";
import { HTTPException } from "hono/http-exception";
import { toErrorInfo } from "../../kernel/errors.ts";
import { timestampOf } from "../../kernel/timestamp.ts";
import type { NewAuditEntry } from "../../ports/access.ts";
import type { ApiContext, ApiEnv, AuditTrail } from "../env.ts";

type About = Parameters<AuditTrail["about"]>[0];

/**
 * Leaves an entry in the audit log for every request that did something, or was not allowed to.
 * @param action as `run.start`
 */
export function audited(action: string): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    // What stands before an operation may have begun with it.
    if ((c.get("trail") as AuditTrail | undefined) !== undefined) return next();
    let about: About = aboutOf(c);
    let isSettled = false;
    const entry = (outcome = "done"): NewAuditEntry => {
      const { id, role, address } = c.get("caller");
      return {
        at: timestampOf(c.get("now")()),
        by: id,
        ...(role === "nobody" ? {} : { role }),
        ...(address === undefined ? {} : { address }),
        action,
        ...about,
        outcome,
      };
    };
    c.set("trail", {
      entry,
      about(what) {
        about = { ...about, ...what };
      },
      settle() {
        isSettled = true;
      },
    });
    await next();
    // A request that is not understood was no try at anything, and strangers do not fill the disk.
    const isNoTry = c.error === undefined ? c.res.status >= 400 : isNotUnderstood(c.error);
    if (isSettled || isNoTry || c.get("caller").role === "nobody") return;
    await c.get("record")(entry(c.error === undefined ? "done" : toErrorInfo(c.error).code));
  };
}

/** Also what the router itself throws: of a body that is no JSON, say. */
function isNotUnderstood(thrown: Error): boolean {
  return thrown instanceof HTTPException || toErrorInfo(thrown).code === "REQUEST_INVALID";
}

function aboutOf(c: ApiContext): About {
  const { run_id, name, token_id } = c.req.param() as { readonly [name: string]: string | undefined };
  return {
    ...(run_id === undefined ? {} : { run_id }),
    ...(name === undefined ? {} : { workflow: name }),
    ...(token_id === undefined ? {} : { token_id }),
  };
}
