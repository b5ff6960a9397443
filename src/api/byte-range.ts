import type { Artifact, Span } from "../ports/artifacts.ts";

/** What of a file a request asks for: all of it, a part, or a part that the file does not have. */
export type AskedBytes =
  | { readonly kind: "all" }
  | { readonly kind: "part"; readonly span: Span }
  | { readonly kind: "none" };

/** Which headers of a request decide that. */
export interface RangeHeaders {
  readonly range: string | undefined;
  readonly ifRange: string | undefined;
}

const ALL: AskedBytes = { kind: "all" };

/** One range of bytes (RFC 9110, 14); several, other units and what is no range are answered with the whole file. */
export function readRange({ range, ifRange }: RangeHeaders, artifact: Pick<Artifact, "size" | "etag">): AskedBytes {
  const { size, etag } = artifact;
  const [, from = "", to = ""] = /^bytes=\s*(\d{0,15})-(\d{0,15})\s*$/i.exec(range ?? "") ?? [];
  if (from === "" && to === "") return ALL;
  // Only a strong tag says that the part belongs to what the client has; a date is none.
  if (ifRange !== undefined && (ifRange !== etag || etag.startsWith("W/"))) return ALL;
  if (from === "") return partOf(Math.max(0, size - Number(to)), size, size);
  const end = to === "" ? Number.POSITIVE_INFINITY : Number(to) + 1;
  return end <= Number(from) ? ALL : partOf(Number(from), end, size);
}

function partOf(start: number, end: number, size: number): AskedBytes {
  return start >= size ? { kind: "none" } : { kind: "part", span: { start, end: Math.min(end, size) } };
}

/** Whether the client has the file as it is (`If-None-Match`), by the weak comparison. */
export function isKnown(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch.trim() === "*") return true;
  const plain = etag.replace(/^W\//, "");
  return ifNoneMatch.split(",").some((one) => one.trim().replace(/^W\//, "") === plain);
}
