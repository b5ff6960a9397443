/** Makes bytes of texts, in memory that is used again: a buffer for each would be garbage faster than it is collected. */
export interface Encoder {
  /** Valid until the next call. */
  encode(text: string): Uint8Array;
}

export function createEncoder(): Encoder {
  let memory = Buffer.alloc(0);
  return {
    encode(text) {
      const length = Buffer.byteLength(text);
      if (length > memory.length) memory = Buffer.allocUnsafeSlow(2 ** Math.ceil(Math.log2(length)));
      return memory.subarray(0, memory.write(text));
    },
  };
}
