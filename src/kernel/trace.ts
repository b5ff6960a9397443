import { hash } from "node:crypto";

/**
 * The W3C trace id of a run: 32 hex digits, made from its id, so that every
 * owner of a run, and every reader of its log, has the same one.
 */
export function traceIdOf(runId: string): string {
  return hash("sha256", runId, "hex").slice(0, 32);
}
