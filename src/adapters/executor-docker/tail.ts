import { StringDecoder } from "node:string_decoder";
import type { PieceMask } from "../../kernel/mask-pieces.ts";

/** The end of a stream, in bounded memory. */
export interface Tail {
  push(chunk: Buffer): void;
  /** Once the stream has ended. */
  text(): string;
}

/** @param mask hides secrets before anything is cut off, so that no half of one is left at the beginning */
export function createTail(maxChars: number, mask: PieceMask): Tail {
  const decoder = new StringDecoder("utf8");
  let kept = "";
  const keep = (text: string): void => {
    kept = (kept + text).slice(-maxChars);
  };
  return {
    push: (chunk) => keep(mask.push(decoder.write(chunk))),
    text() {
      keep(mask.push(decoder.end()) + mask.end());
      return kept;
    },
  };
}
