/** The last bytes of a stream, in bounded memory. */
export interface Tail {
  push(chunk: Buffer): void;
  text(): string;
}

export function createTail(maxBytes: number): Tail {
  let kept: Buffer = Buffer.alloc(0);
  return {
    push(chunk) {
      if (chunk.length >= maxBytes) kept = Buffer.from(chunk.subarray(chunk.length - maxBytes));
      else {
        // A copy: a part of a chunk would keep all of it in memory.
        const room = maxBytes - chunk.length;
        kept = Buffer.concat([kept.subarray(Math.max(0, kept.length - room)), chunk]);
      }
    },
    text: () => kept.toString("utf8"),
  };
}
