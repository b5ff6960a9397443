import { type ReceivedMetadata, readBinary, readText } from "../grpc-client/metadata.ts";
import { decodeRetryInfo } from "./messages.ts";

/** semantics.md, "Retry": a peer's wish replaces the drawn wait, up to 10 minutes. */
export const MAX_PUSHBACK_MS = 600_000;

/**
 * The peer's word on when to try again, from the trailers of a failed call:
 * `grpc-retry-pushback-ms` (gRFC A6: negative or unreadable means never), else
 * `google.rpc.RetryInfo` in `grpc-status-details-bin`.
 */
export function readPushback(trailers: ReceivedMetadata): number | "never" | undefined {
  const pushback = readText(trailers, "grpc-retry-pushback-ms");
  if (pushback !== undefined) return /^\d+$/.test(pushback) ? Math.min(Number(pushback), MAX_PUSHBACK_MS) : "never";
  const [details] = readBinary(trailers, "grpc-status-details-bin");
  const delayMs = details === undefined ? undefined : decodeRetryInfo(details);
  return delayMs === undefined ? undefined : Math.min(Math.max(0, Math.round(delayMs)), MAX_PUSHBACK_MS);
}
