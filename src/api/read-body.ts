import { isUtf8 } from "node:buffer";
import type { MiddlewareHandler } from "hono";
import type { ApiEnv } from "./env.ts";
import { problemResponse } from "./problem.ts";

/** No request needs a tenth of it. What a schema says of each value that is wrong takes time, and the stack. */
const MAX_DEPTH = 100;
const MAX_VALUES = 10_000;
/** Of all bodies that are held at once: a few of the largest. Small ones do not count. */
const MAX_HELD_BYTES = 128 * 1024 * 1024;
const SMALL_BYTES = 64 * 1024;

const [QUOTE, BACKSLASH, COMMA, OPEN_LIST, OPEN_OBJECT, CLOSE_LIST, CLOSE_OBJECT] = Buffer.from('"\\,[{]}');

let held = 0;

/**
 * Reads the body of a request, of whoever may send it, and refuses what would cost more to look at than it could say:
 * before it is parsed. It stands before everything else that reads the body.
 */
export const readBody: MiddlewareHandler<ApiEnv> = async (c, next) => {
  if (c.get("isBodyRead") === true) return next();
  const length = Number(c.req.header("content-length") ?? 0);
  const counted = length > SMALL_BYTES ? length : 0;
  if (held + counted > MAX_HELD_BYTES) {
    return problemResponse({ code: "SERVER_BUSY", message: "as many large requests are being read as can be held" });
  }
  held += counted;
  try {
    const bytes = await c.req.arrayBuffer().catch(() => undefined);
    const wrong = bytes === undefined ? "did not arrive whole" : findWrong(new Uint8Array(bytes));
    if (wrong !== undefined) {
      return problemResponse({ code: "REQUEST_INVALID", message: `the body of the request ${wrong}` });
    }
    c.set("isBodyRead", true);
    return await next();
  } finally {
    held -= counted;
  }
};

/** Counts what lies between the texts of a JSON document, whether it is one or not. */
function findWrong(bytes: Uint8Array): string | undefined {
  if (!isUtf8(bytes)) return "is not UTF-8";
  let depth = 0;
  let values = 1;
  let isText = false;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === QUOTE) isText = !isText;
    else if (isText) at += byte === BACKSLASH ? 1 : 0;
    else if (byte === COMMA) values += 1;
    else if (byte === OPEN_LIST || byte === OPEN_OBJECT) depth += 1;
    else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) depth -= 1;
    if (depth > MAX_DEPTH) return `is nested deeper than ${MAX_DEPTH} levels`;
    if (values > MAX_VALUES) return `has more than ${MAX_VALUES} values`;
  }
  return undefined;
}
