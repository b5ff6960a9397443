import type { Metadata } from "./grpc-js.ts";
import { decodeRetryInfo } from "./messages.ts";

/** semantics.md, "Retry": a peer's wish replaces the drawn wait, up to 10 minutes. */
export const MAX_PUSHBACK_MS = 600_000;

/**
 * The peer's word on when to try again, from the trailers of a failed call:
 * `grpc-retry-pushback-ms` (gRFC A6: negative or unreadable means never), else
 * `google.rpc.RetryInfo` in `grpc-status-details-bin`.
 */
export function readPushback(trailers: Metadata): number | "never" | undefined {
  const pushback = trailers.get("grpc-retry-pushback-ms")[0];
  if (pushback !== undefined) {
    const text = pushback.toString();
    return /^\d+$/.test(text) ? Math.min(Number(text), MAX_PUSHBACK_MS) : "never";
  }
  const details = trailers.get("grpc-status-details-bin")[0];
  if (details === undefined || typeof details === "string") return undefined;
  const delayMs = decodeRetryInfo(details);
  return delayMs === undefined ? undefined : Math.min(Math.max(0, Math.round(delayMs)), MAX_PUSHBACK_MS);
}
