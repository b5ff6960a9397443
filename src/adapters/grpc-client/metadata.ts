import type { OutgoingHttpHeaders } from "node:http2";
import type { Fault } from "./fault.ts";

/** What a call carries to the server. Values of keys in `-bin` are bytes, all others printable ASCII. */
export type Metadata = Iterable<readonly [key: string, value: string | Uint8Array]>;

/** What came from the server: headers and trailers as Node reads them, several values of a key joined with commas. */
export interface ReceivedMetadata {
  readonly [key: string]: string | readonly string[] | undefined;
}

/** What an ASCII value may hold (doc/PROTOCOL-HTTP2.md). */
const ASCII_VALUE = /^[\x20-\x7e]*$/;

/** Keys that are the protocol's, not the caller's. */
const RESERVED = [
  "te",
  "content-type",
  "user-agent",
  "connection",
  "host",
  "content-length",
  "transfer-encoding",
  "keep-alive",
  "proxy-connection",
  "upgrade",
  "http2-settings",
  // It would be lost: no object of headers can have it.
  "__proto__",
];
const KEY = new RegExp(`^(?!grpc-|(?:${RESERVED.join("|")})$)[0-9a-z_.-]+$`);

/** Node refuses to send a header list of 64 KiB, as if the server had; what else stands in it is ours and short. */
const MAX_METADATA_BYTES = 61_440;

/**
 * Texts go without the spaces around them, which the protocol allows and servers on Node need: they drop what has any.
 * @returns why it cannot travel, or undefined when all stands in the headers
 */
export function addMetadata(headers: OutgoingHttpHeaders, metadata: Metadata): Fault | undefined {
  let bytes = 0;
  for (const [key, value] of metadata) {
    if (!KEY.test(key)) return { kind: "badMetadata", key };
    const text = typeof value === "string" ? value : Buffer.from(value).toString("base64").replace(/=+$/, "");
    if (key.endsWith("-bin") !== (typeof value !== "string") || !ASCII_VALUE.test(text)) {
      return { kind: "badMetadata", key };
    }
    const sent = text.trim();
    bytes += key.length + sent.length + 32;
    if (bytes > MAX_METADATA_BYTES) return { kind: "metadataTooLarge", limit: MAX_METADATA_BYTES };
    const before = Object.hasOwn(headers, key) ? headers[key] : undefined;
    headers[key] = before === undefined ? sent : [...(Array.isArray(before) ? before : [String(before)]), sent];
  }
  return undefined;
}

/** The value of a key, several of them joined with commas; undefined where there is none. */
export function readText(metadata: ReceivedMetadata, key: string): string | undefined {
  const value = metadata[key];
  return typeof value === "string" ? value : value?.join(", ");
}

/** The values of a key in `-bin`: base64 with or without padding, commas between them. What is no base64 is left out. */
export function readBinary(metadata: ReceivedMetadata, key: string): readonly Buffer[] {
  const text = readText(metadata, key);
  if (text === undefined) return [];
  return text.split(",").flatMap((one) => {
    const value = one.trim();
    return BASE64.test(value) ? [Buffer.from(value, "base64")] : [];
  });
}

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
