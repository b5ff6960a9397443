// The way back, in a copy of an output, to the place that was reached in it.
import { asciiOf, createSeen, LINE_START, type Mark, NEWLINE, NOTHING, type Place, type Seen } from "./seen.ts";

/** Finds where a copy goes on from what was seen. */
export interface CatchUp {
  /** What of the next chunk of the copy is new. */
  push(chunk: Buffer): Buffer;
  /** The copy as far as it has come, once that is as far as what was seen; what is new comes on top of it. */
  caughtUp(): Seen | undefined;
  /** The copy is none of what was seen, or lacks some of it: nothing of it is passed on. */
  isElsewhere(): boolean;
}

export function createCatchUp(place: Place): CatchUp {
  const { start, end: reached } = place.rest;
  const text = Buffer.from(place.rest.text);
  const copy = createSeen();
  let at: "behind" | "rest" | "there" | "elsewhere" = "behind";
  const mark = { ...LINE_START };
  let isInPortion = false;
  /** Of the portion; it may turn out to be another one. */
  let held = NOTHING;

  /** @returns what comes after the lines that were seen */
  function passLines(chunk: Buffer): Buffer {
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

  /** The copy may lack the last portion of the line, and go on with what came after it. */
  function passRest(chunk: Buffer): Buffer {
    copy.push(chunk);
    let from = isInPortion ? 0 : chunk.length;
    for (const [index, byte] of chunk.entries()) {
      const isAscii = byte < 0x80;
      if (!isInPortion && isReached(start, mark, isAscii)) {
        isInPortion = true;
        from = index;
      }
      if (isInPortion && isReached(reached, mark, isAscii)) {
        at = "there";
        return chunk.subarray(index);
      }
      if (isInPortion && isAscii && byte !== text[mark.ascii - start.ascii]) {
        at = "there";
        return Buffer.concat([held, chunk.subarray(from)]);
      }
      if (byte === NEWLINE) {
        at = "elsewhere";
        return NOTHING;
      }
      mark.ascii += isAscii ? 1 : 0;
      mark.others = isAscii ? 0 : mark.others + 1;
    }
    held = Buffer.concat([held, chunk.subarray(from)]);
    return NOTHING;
  }

  return {
    push(chunk) {
      if (at === "behind") return passLines(chunk);
      if (at === "rest") return passRest(chunk);
      if (at === "elsewhere") return NOTHING;
      copy.push(chunk);
      return chunk;
    },
    caughtUp: () => (at === "there" ? copy : undefined),
    isElsewhere: () => at === "elsewhere",
  };
}

/** Whether a mark is reached where another is, before a character; others than ASCII may be longer in a copy. */
function isReached(mark: Mark, at: Mark, isAscii: boolean): boolean {
  return at.ascii > mark.ascii || (at.ascii === mark.ascii && (isAscii || at.others >= mark.others));
}

/** Whether two texts of which one may be longer are the same at one end. */
function isAlike(a: Buffer, b: Buffer, end: "head" | "tail"): boolean {
  const [one, other] = [asciiOf(a), asciiOf(b)];
  const length = Math.min(one.length, other.length);
  if (end === "head") return one.subarray(0, length).equals(other.subarray(0, length));
  return one.subarray(one.length - length).equals(other.subarray(other.length - length));
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
