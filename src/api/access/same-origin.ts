import type { ReadHeader } from "./forwarded.ts";

const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);

/** What a browser says of who made it send a request. */
export interface Sent {
  readonly method: string;
  readonly header: ReadHeader;
  /** Whether it has a token of its own, and no cookie that a browser may have added. */
  readonly hasOnlyToken: boolean;
  /** Of our pages: `http://localhost:8080`. */
  readonly ownOrigins: readonly string[];
}

/**
 * Whether a request comes from one of our own pages, or from no page at all. What changes something has to show it,
 * whatever its content type; what only looks may come from anywhere but from inside of a foreign page, which could
 * measure what it cannot read.
 */
export function isFromHere({ method, header, hasOnlyToken, ownOrigins }: Sent): boolean {
  // No page can add this header to a request elsewhere without being allowed to, and nobody is.
  if (hasOnlyToken) return true;
  const site = header("sec-fetch-site");
  const origin = header("origin");
  const isOwnOrigin = origin !== undefined && ownOrigins.includes(origin);
  if (!SAFE.has(method)) return isOwnOrigin || (origin === undefined && site === "same-origin");
  if (origin !== undefined && !isOwnOrigin) return false;
  const isForeign = site === "cross-site" || site === "same-site";
  return !isForeign || header("sec-fetch-mode") === "navigate";
}
