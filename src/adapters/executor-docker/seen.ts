// The place that was reached in an output, to find the way back to it in a copy of the output. Places are counted in lines
// and ASCII characters, and compared by these: engines that keep output as JSON replace what is no UTF-8, and cut long
// lines in the middle of characters.

/** What has come of one output so far, in bounded memory. */
export interface Seen {
  push(chunk: Buffer): void;
  place(): Place;
}

export interface Place {
  /** The ASCII characters at the beginning. */
  readonly head: Buffer;
  /** That have ended. */
  readonly lines: number;
  /** The end of them. */
  readonly tail: Buffer;
  /** Of the line that has not ended. */
  readonly rest: Rest;
  /** The end of all of it. */
  readonly recent: Buffer;
}

/** The line by its last portion, which an engine that is killed loses until it is full. */
interface Rest {
  readonly start: Mark;
  readonly end: Mark;
  /** The ASCII characters between them, until more comes. */
  readonly text: Buffer;
}

/** A place in a line: how many ASCII characters come before it, and how many bytes of others after the last of them. */
export interface Mark {
  readonly ascii: number;
  readonly others: number;
}

const COMPARED_BYTES = 4096;
/** What docker keeps of a line at once (its copier's buffer). */
const PORTION_BYTES = 16 * 1024;
export const NEWLINE = 0x0a;
export const NOTHING = Buffer.alloc(0);
export const LINE_START: Mark = { ascii: 0, others: 0 };

export function createSeen(): Seen {
  let recent = NOTHING;
  let lines = 0;
  let head = NOTHING;
  let tail = NOTHING;
  const line = createUnfinishedLine();

  function end(text: Buffer): void {
    lines += countLines(text);
    recent = lastOf(recent, text, COMPARED_BYTES);
    tail = recent;
    line.begin();
  }

  return {
    push(chunk) {
      if (head.length < COMPARED_BYTES) head = firstOf(head, asciiOf(chunk), COMPARED_BYTES);
      const ended = chunk.lastIndexOf(NEWLINE) + 1;
      if (ended > 0) end(chunk.subarray(0, ended));
      const begun = chunk.subarray(ended);
      recent = lastOf(recent, begun, COMPARED_BYTES);
      line.push(begun);
    },
    place: () => ({ lines, head, tail, rest: line.rest(), recent }),
  };
}

function createUnfinishedLine() {
  const text = Buffer.alloc(PORTION_BYTES);
  /** Of the portion. */
  let bytes = 0;
  let start = LINE_START;
  let end = LINE_START;

  /** @param more as long as the portion, or shorter */
  function extend(more: Buffer): void {
    const ascii = asciiOf(more);
    text.set(ascii, end.ascii - start.ascii);
    bytes += more.length;
    const last = more.findLastIndex((byte) => byte < 0x80);
    const others = (last < 0 ? end.others : 0) + more.length - (last + 1);
    end = { ascii: end.ascii + ascii.length, others };
    if (bytes < PORTION_BYTES) return;
    start = end;
    bytes = 0;
  }

  return {
    push(more: Buffer): void {
      for (let from = 0; from < more.length; ) {
        const piece = more.subarray(from, from + PORTION_BYTES - bytes);
        extend(piece);
        from += piece.length;
      }
    },
    rest: (): Rest => ({ start, end, text: text.subarray(0, end.ascii - start.ascii) }),
    /** Another one. */
    begin(): void {
      bytes = 0;
      start = LINE_START;
      end = LINE_START;
    },
  };
}

/** Whether a text ends with another. */
export function endsAlike(text: Buffer, end: Buffer): boolean {
  return asciiOf(text).toString("latin1").endsWith(asciiOf(end).toString("latin1"));
}

export function asciiOf(bytes: Buffer): Buffer {
  return bytes.filter((byte) => byte < 0x80) as Buffer;
}

function countLines(text: Buffer): number {
  let count = 0;
  for (let at = text.indexOf(NEWLINE); at >= 0; at = text.indexOf(NEWLINE, at + 1)) count += 1;
  return count;
}

// Both copy: a part of a chunk would keep all of it in memory.

function firstOf(a: Buffer, b: Buffer, maxBytes: number): Buffer<ArrayBuffer> {
  return Buffer.concat([a, b.subarray(0, Math.max(0, maxBytes - a.length))]);
}

export function lastOf(a: Buffer, b: Buffer, maxBytes: number): Buffer<ArrayBuffer> {
  if (b.length >= maxBytes) return Buffer.from(b.subarray(b.length - maxBytes));
  return Buffer.concat([a.subarray(Math.max(0, a.length + b.length - maxBytes)), b]);
}
