import { err, ok, type Result } from "../../kernel/result.ts";
import type { Fault } from "./fault.ts";
import { decodeHeader } from "./percent.ts";

/** What we say that we can read. */
export const ACCEPTED_ENCODINGS = "identity,gzip";

/** A message as it was before it was compressed, unless it would be longer than `maxBytes`. */
export function inflate(message: Buffer, encoding: string | undefined, maxBytes: number): Result<Buffer, Fault> {
  if (encoding === undefined || encoding === "identity") {
    return err({ kind: "badFrame", what: "compressedWithoutEncoding" });
  }
  if (encoding !== "gzip") return err({ kind: "unknownEncoding", encoding: decodeHeader(encoding) });
  // Loaded when the first such message comes, which with most servers is never.
  const { gunzipSync } = process.getBuiltinModule("node:zlib");
  try {
    return ok(gunzipSync(message, { maxOutputLength: Math.max(maxBytes, 1) }));
  } catch (error) {
    const isTooLarge = (error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE";
    // How long it would have become is not known: at least one byte more.
    if (isTooLarge) return err({ kind: "messageTooLarge", of: "reply", bytes: maxBytes + 1, limit: maxBytes });
    return err({ kind: "badFrame", what: "undecodable" });
  }
}
