import type { IncomingMessage } from "node:http";

/**
 * Whether a request names one server: by one header `Host`, which alone is looked at by whoever decides what the server
 * is called, and by no other in its first line (RFC 9112, 3.2).
 */
export function isForOneHost({ url = "", headers, headersDistinct }: IncomingMessage): boolean {
  if (headersDistinct.host?.length !== 1) return false;
  return url.startsWith("/") || URL.parse(url)?.host === headers.host?.toLowerCase();
}
