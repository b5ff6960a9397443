// The place that was reached in an output, to find the way back to it in a copy of the output. Places are counted in ASCII
// characters, and compared by them: engines that keep output as JSON replace what is no UTF-8, and cut long lines in the
// middle of characters.
import { isAscii } from "node:buffer";

/** What has come of one output so far, in bounded memory. */
export interface Seen {
  push(chunk: Buffer): void;
  place(): Place;
  /** The ASCII characters at the end. */
  recent(): Buffer;
}

export interface Place {
  readonly end: Mark;
  /** The ASCII characters at the beginning. */
  readonly head: Buffer;
  /** Those at the end, which a copy may lack. */
  readonly tail: Buffer;
  /** Where portions of lines begin in the tail. */
  readonly portions: readonly Mark[];
}

/** How many ASCII characters come before it, and how many bytes of others after the last of them. */
export interface Mark {
  readonly ascii: number;
  readonly others: number;
}

const HEAD_BYTES = 4096;
const RECENT_BYTES = 4096;
/**
 * What an engine that is killed has sent and not kept (docker: a pipe of a million bytes, and a buffer), with some more.
 */
const TAIL_BYTES = 1_200_000;
/** What docker keeps of a line at once. */
const PORTION_BYTES = 16 * 1024;
/** So many are in the tail, and of output with few ASCII characters in what is lost at most. */
const MAX_PORTIONS = Math.ceil(TAIL_BYTES / PORTION_BYTES);
export const NEWLINE = 0x0a;
export const NOTHING = Buffer.alloc(0);
export const BEGINNING: Mark = { ascii: 0, others: 0 };

export function createSeen(): Seen {
  const tail = createWindow(TAIL_BYTES);
  let head = NOTHING;
  let end = BEGINNING;
  const portions: Mark[] = [];
  /** Of the portion that has begun. */
  let bytes = 0;

  function extend(text: Buffer): void {
    const ascii = asciiOf(text);
    tail.push(ascii);
    const last = text.findLastIndex((byte) => byte < 0x80);
    const others = (last < 0 ? end.others : 0) + text.length - (last + 1);
    end = { ascii: end.ascii + ascii.length, others };
  }

  /** @returns how much of the chunk is of the same portion, or of lines that end in it */
  function takePortion(chunk: Buffer): number {
    const piece = chunk.subarray(0, PORTION_BYTES - bytes);
    const lines = piece.lastIndexOf(NEWLINE) + 1;
    const taken = lines > 0 ? lines : piece.length;
    extend(piece.subarray(0, taken));
    bytes = lines > 0 ? 0 : bytes + taken;
    if (bytes < PORTION_BYTES) return taken;
    bytes = 0;
    portions.push(end);
    if (portions.length > MAX_PORTIONS) portions.shift();
    return taken;
  }

  return {
    push(chunk) {
      if (head.length < HEAD_BYTES) head = Buffer.concat([head, asciiOf(chunk).subarray(0, HEAD_BYTES - head.length)]);
      for (let from = 0; from < chunk.length; ) from += takePortion(chunk.subarray(from));
    },
    place: () => ({ end, head, tail: Buffer.from(tail.last(TAIL_BYTES)), portions: [...portions] }),
    recent: () => Buffer.from(tail.last(RECENT_BYTES)),
  };
}

/** The last bytes of all that is pushed, in memory that grows with them up to twice as many. */
function createWindow(maxBytes: number) {
  let memory = Buffer.alloc(4096);
  let length = 0;

  function makeRoom(more: number): void {
    if (length + more <= memory.length) return;
    const kept = Buffer.from(memory.subarray(Math.max(0, length + more - maxBytes), length));
    const size = Math.min(2 * maxBytes, 2 ** Math.ceil(Math.log2(2 * (kept.length + more))));
    if (size > memory.length) memory = Buffer.alloc(size);
    kept.copy(memory);
    length = kept.length;
  }

  return {
    /** @param bytes at most `maxBytes` */
    push(bytes: Buffer): void {
      makeRoom(bytes.length);
      length += bytes.copy(memory, length);
    },
    /** Until more is pushed. */
    last: (count: number): Buffer => memory.subarray(Math.max(0, length - count), length),
  };
}

/** Whether a text ends with another, in their ASCII characters. */
export function endsAlike(text: Buffer, end: Buffer): boolean {
  const [whole, part] = [asciiOf(text), asciiOf(end)];
  return whole.subarray(Math.max(0, whole.length - part.length)).equals(part);
}

function asciiOf(bytes: Buffer): Buffer {
  return isAscii(bytes) ? bytes : (bytes.filter((byte) => byte < 0x80) as Buffer);
}

export function lastOf(a: Buffer, b: Buffer, maxBytes: number): Buffer<ArrayBuffer> {
  if (b.length >= maxBytes) return Buffer.from(b.subarray(b.length - maxBytes));
  return Buffer.concat([a.subarray(Math.max(0, a.length + b.length - maxBytes)), b]);
}
