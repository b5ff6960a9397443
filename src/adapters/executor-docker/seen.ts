// The place that was reached in an output, and the way back to it in a copy of the output. Places are counted in lines
// and ASCII characters, and compared by these: engines that keep output as JSON replace what is no UTF-8, and cut long
// lines in the middle of characters.

/** What has come of one output so far, in bounded memory. */
export interface Seen {
  push(chunk: Buffer): void;
  place(): Place;
}

export interface Place {
  /** That have ended. */
  readonly lines: number;
  /** The beginning of their ASCII characters. */
  readonly head: Buffer;
  /** The end of them. */
  readonly tail: Buffer;
  /** How far the line has come that has not ended. */
  readonly rest: Rest;
  /** The end of all of it. */
  readonly recent: Buffer;
}

interface Rest {
  readonly bytes: number;
  /** The ASCII characters at its beginning, */
  readonly head: Buffer;
  /** how many there are in all of it, */
  readonly ascii: number;
  /** and the bytes of other characters after the last of them. */
  readonly after: number;
}

/** Finds where a copy goes on from what was seen. */
export interface CatchUp {
  /** What of the next chunk of the copy is new. */
  push(chunk: Buffer): Buffer;
  /** The copy is none of what was seen, or lacks some of it: nothing of it is passed on. */
  isElsewhere(): boolean;
}

const COMPARED_BYTES = 4096;
/** Of a line that has not ended. */
const MAX_REST_BYTES = 64 * 1024;
const NEWLINE = 0x0a;
const NOTHING = Buffer.alloc(0);
const NO_REST: Rest = { bytes: 0, head: NOTHING, ascii: 0, after: 0 };

export function createSeen(): Seen {
  let recent = NOTHING;
  let lines = 0;
  let head = NOTHING;
  let tail = NOTHING;
  let rest: Rest = NO_REST;

  function end(text: Buffer): void {
    lines += countLines(text);
    if (head.length < COMPARED_BYTES)
      head = firstOf(head, firstOf(rest.head, asciiOf(text), COMPARED_BYTES), COMPARED_BYTES);
    recent = lastOf(recent, text, COMPARED_BYTES);
    tail = recent;
    rest = NO_REST;
  }

  return {
    push(chunk) {
      const ended = chunk.lastIndexOf(NEWLINE) + 1;
      if (ended > 0) end(chunk.subarray(0, ended));
      const begun = chunk.subarray(ended);
      recent = lastOf(recent, begun, COMPARED_BYTES);
      rest = goOn(rest, begun);
    },
    place: () => ({ lines, head, tail, rest, recent }),
  };
}

export function createCatchUp(place: Place): CatchUp {
  const copy = createSeen();
  let at: "behind" | "rest" | "there" | "elsewhere" = "behind";
  // Of the line that had begun, as far as the copy has come.
  let seenAscii = 0;
  let seenAfter = 0;
  /** It may turn out to be another line. */
  let held = NOTHING;

  /** @returns what comes after the lines that were seen */
  function catchUp(chunk: Buffer): Buffer {
    const end = endOfLines(chunk, place.lines - copy.place().lines);
    copy.push(chunk.subarray(0, end ?? chunk.length));
    const { head, tail } = copy.place();
    if (!isAlike(head, place.head, "head") || (end !== undefined && !isAlike(tail, place.tail, "tail"))) {
      at = "elsewhere";
      return NOTHING;
    }
    if (end === undefined) return NOTHING;
    at = "rest";
    return passRest(chunk.subarray(end));
  }

  /** The line that had begun may be missing in the copy: an engine that is killed loses what has no end yet. */
  function passRest(chunk: Buffer): Buffer {
    const { head, ascii, after } = place.rest;
    for (const [index, byte] of chunk.entries()) {
      const isAscii = byte < 0x80;
      if (seenAscii === ascii && (isAscii || seenAfter === after)) {
        at = "there";
        return chunk.subarray(index);
      }
      if (isAscii && seenAscii < head.length && byte !== head[seenAscii]) {
        at = "there";
        return Buffer.concat([held, chunk]);
      }
      seenAscii += isAscii ? 1 : 0;
      seenAfter = isAscii ? 0 : seenAfter + 1;
    }
    held = seenAscii < head.length ? Buffer.concat([held, chunk]) : NOTHING;
    return NOTHING;
  }

  return {
    push(chunk) {
      if (at === "there") return chunk;
      if (at === "elsewhere") return NOTHING;
      return at === "behind" ? catchUp(chunk) : passRest(chunk);
    },
    isElsewhere: () => at === "elsewhere",
  };
}

/** Whether two texts of which one may be longer are the same at one end. */
function isAlike(a: Buffer, b: Buffer, end: "head" | "tail"): boolean {
  const [one, other] = [asciiOf(a), asciiOf(b)];
  const length = Math.min(one.length, other.length);
  if (end === "head") return one.subarray(0, length).equals(other.subarray(0, length));
  return one.subarray(one.length - length).equals(other.subarray(other.length - length));
}

/** Whether a text ends with another. */
export function endsAlike(text: Buffer, end: Buffer): boolean {
  return asciiOf(text).toString("latin1").endsWith(asciiOf(end).toString("latin1"));
}

function asciiOf(bytes: Buffer): Buffer {
  return bytes.filter((byte) => byte < 0x80) as Buffer;
}

function countLines(text: Buffer): number {
  let count = 0;
  for (let at = text.indexOf(NEWLINE); at >= 0; at = text.indexOf(NEWLINE, at + 1)) count += 1;
  return count;
}

/** The line that has not ended, with more of it. */
function goOn({ bytes, head, ascii, after }: Rest, more: Buffer): Rest {
  const last = more.findLastIndex((byte) => byte < 0x80);
  return {
    bytes: bytes + more.length,
    head: Buffer.concat([head, asciiOf(more.subarray(0, Math.max(0, MAX_REST_BYTES - bytes)))]),
    ascii: ascii + asciiOf(more).length,
    after: last < 0 ? after + more.length : more.length - (last + 1),
  };
}

/** Where so many lines have ended; undefined where there are fewer. */
function endOfLines(text: Buffer, count: number): number | undefined {
  let at = 0;
  for (let line = 0; line < count; line += 1) {
    at = text.indexOf(NEWLINE, at) + 1;
    if (at === 0) return undefined;
  }
  return at;
}

// Both copy: a part of a chunk would keep all of it in memory.

function firstOf(a: Buffer, b: Buffer, maxBytes: number): Buffer<ArrayBuffer> {
  return Buffer.concat([a, b.subarray(0, Math.max(0, maxBytes - a.length))]);
}

export function lastOf(a: Buffer, b: Buffer, maxBytes: number): Buffer<ArrayBuffer> {
  if (b.length >= maxBytes) return Buffer.from(b.subarray(b.length - maxBytes));
  return Buffer.concat([a.subarray(Math.max(0, a.length + b.length - maxBytes)), b]);
}
