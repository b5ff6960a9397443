// Messages in the bytes of a stream: one byte of flags, four of length, the message (doc/PROTOCOL-HTTP2.md).
import type { Fault } from "./fault.ts";

const HEAD_BYTES = 5;

export function frameMessage(message: Uint8Array): Buffer {
  const framed = Buffer.allocUnsafe(HEAD_BYTES + message.length);
  framed[0] = 0;
  framed.writeUInt32BE(message.length, 1);
  framed.set(message, HEAD_BYTES);
  return framed;
}

export interface Deframer {
  /** @returns what is wrong with the bytes; nothing more is to be pushed then */
  push(chunk: Buffer): Fault | undefined;
  /** Whether bytes of a message are here that has not come whole. */
  isAmidMessage(): boolean;
}

/**
 * @param maxBytes of a message; a longer one is a fault as soon as its length is known, before any of it is kept
 * @param onMessage gets each message once, in order; its bytes are valid for good
 */
export function createDeframer(
  maxBytes: number,
  onMessage: (message: Buffer, compressed: boolean) => Fault | undefined,
): Deframer {
  // Of the message that is arriving: chunks of it, its head included, and how many bytes they are.
  let parts: Buffer[] = [];
  let held = 0;
  // Bytes until it is complete, as far as known: those of the head, then all.
  let needed = HEAD_BYTES;

  const takeHead = (bytes: Buffer): Fault | undefined => {
    if ((bytes[0] ?? 0) > 1) return { kind: "badFrame", what: "flags" };
    const length = bytes.readUInt32BE(1);
    if (length > maxBytes) return { kind: "messageTooLarge", of: "reply", bytes: length, limit: maxBytes };
    needed = HEAD_BYTES + length;
    return undefined;
  };

  return {
    isAmidMessage: () => held > 0,
    push(chunk) {
      let rest = chunk;
      while (rest.length > 0) {
        const take = Math.min(needed - held, rest.length);
        const part = rest.subarray(0, take);
        // A message within one chunk is not copied.
        if (held === 0 && needed === HEAD_BYTES && take === HEAD_BYTES) {
          const fault = takeHead(rest);
          if (fault !== undefined) return fault;
          if (rest.length >= needed) {
            const wrong = onMessage(rest.subarray(HEAD_BYTES, needed), rest[0] === 1);
            if (wrong !== undefined) return wrong;
            rest = rest.subarray(needed);
            needed = HEAD_BYTES;
            continue;
          }
        }
        parts.push(part);
        held += take;
        rest = rest.subarray(take);
        if (held < needed) continue;
        if (held === HEAD_BYTES && needed === HEAD_BYTES) {
          const fault = takeHead(Buffer.concat(parts));
          if (fault !== undefined) return fault;
          if (needed > HEAD_BYTES) continue;
        }
        const whole = Buffer.concat(parts, held);
        parts = [];
        held = 0;
        needed = HEAD_BYTES;
        const wrong = onMessage(whole.subarray(HEAD_BYTES), whole[0] === 1);
        if (wrong !== undefined) return wrong;
      }
      return undefined;
    },
  };
}
