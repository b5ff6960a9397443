// A status as it goes out. It travels in trailers, of which clients take only so much: one on the C core (Python, C++,
// Ruby) loses status and retry hint above 8 KiB, and one on Node the whole connection with the other calls on it.
import { Metadata, type MetadataValue, type StatusObject, status } from "@grpc/grpc-js";
import { withRest } from "../kernel/text.ts";
import { PUSHBACK_KEY, type RpcStatus } from "./rpc-error.ts";

/** 8 KiB is the smallest limit of a client in use; gRPC's own trailers, and those of a proxy, need some of it. */
const MAX_TRAILER_BYTES = 7 * 1024;
/** A service's own trailers leave room for a reason. */
const MAX_METADATA_BYTES = 3 * 1024;
/** What a header costs beside its name and value (RFC 9113, 6.5.2). */
const HEADER_BYTES = 32;
/** Of `…[+N bytes]`, percent-encoded. */
const ENCODED_REST_BYTES = 48;
/** What gRPC says itself. Of the keys with `grpc-`, which it keeps for itself, a service may say two. */
const GRPCS_OWN = /^(?!grpc-retry-pushback-ms$|grpc-status-details-bin$)grpc-|^content-type$/;

/** What a call that fails with a status says. */
export interface Failure {
  readonly name: RpcStatus;
  readonly details: string;
  readonly metadata?: Metadata | undefined;
}

/**
 * The status that says as much of a failure as reaches every client: name and retry hint always, then trailers, then
 * details, cut between two characters.
 */
export function toStatus({ name, details, metadata }: Failure): StatusObject {
  const kept = new Metadata();
  const size = metadata === undefined ? 0 : addWhatFits(kept, metadata);
  const room = MAX_TRAILER_BYTES - HEADER_BYTES - "grpc-message".length - size;
  return { code: status[name], details: cutEncoded(details.toWellFormed(), room), metadata: kept };
}

/** Of all trailers the one that every client reads. */
export function retryHintOf(metadata: Metadata | undefined): Metadata {
  const hint = new Metadata();
  for (const value of metadata?.get(PUSHBACK_KEY) ?? []) hint.set(PUSHBACK_KEY, value);
  return hint;
}

/** @returns the bytes that were added */
function addWhatFits(kept: Metadata, metadata: Metadata): number {
  let size = 0;
  const entries = Object.entries(metadata.toJSON()).filter(([key]) => !GRPCS_OWN.test(key));
  // The retry hint first: it is small, and always fits.
  for (const [key, values] of entries.sort(([a], [b]) => Number(b === PUSHBACK_KEY) - Number(a === PUSHBACK_KEY))) {
    for (const value of values) {
      const cost = HEADER_BYTES + key.length + encodedLength(value);
      if (size + cost > MAX_METADATA_BYTES) continue;
      kept.add(key, value);
      size += cost;
    }
  }
  return size;
}

function encodedLength(value: MetadataValue): number {
  return typeof value === "string" ? value.length : Math.ceil(value.length / 3) * 4;
}

/** @param text well-formed; `grpc-message` has most characters of it as `%XX` for each byte */
function cutEncoded(text: string, maxBytes: number): string {
  if (text.length <= maxBytes && encodeURI(text).length <= maxBytes) return text;
  let length = 0;
  let size = 0;
  for (const character of text) {
    size += encodeURI(character).length;
    if (size > maxBytes - ENCODED_REST_BYTES) break;
    length += character.length;
  }
  const kept = text.slice(0, length);
  return withRest(kept, Buffer.byteLength(text) - Buffer.byteLength(kept));
}
