// The place that was reached in an output, and the way back to it in a copy of the output. Places are counted in lines,
// and compared by their ASCII characters: engines that keep output as JSON replace what is no UTF-8.

/** What has come of one output so far, in bounded memory. */
export interface Seen {
  push(chunk: Buffer): void;
  place(): Place;
}

export interface Place {
  /** That have ended. */
  readonly lines: number;
  /** The beginning of them. */
  readonly head: Buffer;
  /** The end of them. */
  readonly tail: Buffer;
  /** The beginning of the line that has not ended, */
  readonly rest: Buffer;
  /** and how long it is. */
  readonly restBytes: number;
  /** The end of all of it. */
  readonly recent: Buffer;
}

/** Finds where a copy goes on from what was seen. */
export interface CatchUp {
  /** What of the next chunk of the copy is new. */
  push(chunk: Buffer): Buffer;
  /** The copy is none of what was seen, or lacks some of it: nothing of it is passed on. */
  isElsewhere(): boolean;
}

const COMPARED_BYTES = 4096;
const MAX_REST_BYTES = 64 * 1024;
const NEWLINE = 0x0a;
const NOTHING = Buffer.alloc(0);

export function createSeen(): Seen {
  let recent = NOTHING;
  let lines = 0;
  let head = NOTHING;
  let tail = NOTHING;
  let rest = NOTHING;
  let restBytes = 0;

  function end(text: Buffer): void {
    lines += countLines(text);
    if (head.length < COMPARED_BYTES) head = firstOf(head, firstOf(rest, text, COMPARED_BYTES), COMPARED_BYTES);
    recent = lastOf(recent, text, COMPARED_BYTES);
    tail = recent;
    rest = NOTHING;
    restBytes = 0;
  }

  return {
    push(chunk) {
      const ended = chunk.lastIndexOf(NEWLINE) + 1;
      if (ended > 0) end(chunk.subarray(0, ended));
      const begun = chunk.subarray(ended);
      recent = lastOf(recent, begun, COMPARED_BYTES);
      rest = firstOf(rest, begun, MAX_REST_BYTES);
      restBytes += begun.length;
    },
    place: () => ({ lines, head, tail, rest, restBytes, recent }),
  };
}

export function createCatchUp(place: Place): CatchUp {
  const copy = createSeen();
  let at: "behind" | "rest" | "there" | "elsewhere" = "behind";
  let restSeen = 0;

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
    const known = place.rest.subarray(restSeen, restSeen + chunk.length);
    if (!chunk.subarray(0, known.length).equals(known)) {
      at = "there";
      return Buffer.concat([place.rest.subarray(0, restSeen), chunk]);
    }
    const seen = Math.min(chunk.length, place.restBytes - restSeen);
    restSeen += seen;
    if (restSeen === place.restBytes) at = "there";
    return chunk.subarray(seen);
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
