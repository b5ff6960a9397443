import { hash } from "node:crypto";
import type { MiddlewareHandler } from "hono";
import { BusbarError } from "../kernel/errors.ts";
import type { Json } from "../kernel/json.ts";
import type { Idempotency } from "../ports/run-facts.ts";
import type { RunReader } from "../ports/runtime.ts";
import { canonicalJson } from "./canonical-json.ts";
import type { ApiContext, ApiEnv } from "./router.ts";

/** What a client may give as its key. */
export const KEY_PATTERN = /^[!-~]{1,255}$/;

/**
 * Makes one run of all requests with one `Idempotency-Key`: who asks for the same again is told of the run that is
 * there, who asks for something else with that key is refused. Looked up before the body is held against anything, so
 * that a repeated request never fails for another reason than the first one did. A `run_id` is as good as a key for
 * whoever asks for the very same again.
 */
export function makeOnce(runs: Pick<RunReader, "findByKey" | "get">): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const asked = await askedFor(c);
    if (asked === undefined) return next();
    const { idempotency, isGiven } = asked;
    const known = await runs.findByKey(idempotency.key);
    if (known === undefined) {
      c.set("idempotency", idempotency);
      return next();
    }
    if (known.hash === idempotency.hash) {
      c.get("trail").settle();
      const { status, nodes } = await runs.get(known.run_id);
      const kept = nodes.filter(({ reused_from }) => reused_from !== undefined).map(({ id }) => id);
      const told = { run_id: known.run_id, status, ...(c.req.path.endsWith("/rerun") ? { kept } : {}) };
      return c.json(told, 200, { location: `/api/v1/runs/${known.run_id}` });
    }
    // The id is taken: starting says so.
    if (!isGiven) return next();
    throw new BusbarError(
      "IDEMPOTENCY_KEY_USED",
      `with this Idempotency-Key run ${known.run_id} was started, by another request`,
      { details: { run_id: known.run_id } },
    );
  };
}

/** @returns undefined for a request that is not to be known again */
async function askedFor(
  c: ApiContext,
): Promise<{ readonly idempotency: Idempotency; readonly isGiven: boolean } | undefined> {
  const given = readKey(c, "Idempotency-Key");
  const shown = readKey(c, "Idempotency-Hash");
  let body: Json;
  try {
    body = await c.req.json();
  } catch {
    // No JSON: whoever reads the body says so.
    return undefined;
  }
  const runId = typeof body === "object" && body !== null && "run_id" in body ? body.run_id : undefined;
  if (given === undefined && typeof runId !== "string") return undefined;
  return {
    isGiven: given !== undefined,
    idempotency: {
      key: given === undefined ? digest([c.get("caller").id, "run_id", String(runId)]) : storedKey(c, given),
      hash: shown ?? digest([c.req.path, canonicalJson(body)]),
    },
  };
}

/** A key of one caller is no other's. */
export function storedKey(c: ApiContext, given: string): string {
  return digest([c.get("caller").id, "key", given]);
}

function readKey(c: ApiContext, name: string): string | undefined {
  const given = c.req.header(name);
  if (given === undefined || KEY_PATTERN.test(given)) return given;
  throw new BusbarError("REQUEST_INVALID", `${name} is 1 to 255 visible ASCII characters`);
}

function digest(parts: readonly string[]): string {
  return `sha256:${hash("sha256", JSON.stringify(parts))}`;
}
