// The way back, in a copy of an output, to the place that was reached in it.
import { BEGINNING, createSeen, type Mark, NEWLINE, NOTHING, type Place, type Seen } from "./seen.ts";

/** Finds where a copy goes on from what was seen. */
export interface CatchUp {
  /** What of the next chunk of the copy is new. */
  push(chunk: Buffer): Buffer;
  /**
   * - `behind`: it has not come as far as what was seen
   * - `there`: it goes on from there
   * - `beyond`: it lacks the end of what was seen, and goes on with what came after it
   * - `elsewhere`: it is none of what was seen: nothing of it is passed on
   */
  at(): "behind" | "there" | "beyond" | "elsewhere";
  /** The copy as far as it has come. */
  readonly copy: Seen;
}

export function createCatchUp({ end, head, tail, portions }: Place): CatchUp {
  const copy = createSeen();
  const tailStart = end.ascii - tail.length;
  let at: ReturnType<CatchUp["at"]> = "behind";
  const mark = { ...BEGINNING };
  /** Of the line or portion, which may turn out to be another one. */
  let held = NOTHING;
  let isHeld = tailStart === 0;
  let nextPortion = 0;

  /** What an engine has lost begins where a line does, or a portion of one. */
  function isBoundary(isAscii: boolean): boolean {
    const portion = portions[nextPortion];
    if (portion === undefined || !isReached(portion, mark, isAscii)) return false;
    nextPortion += 1;
    return portion.ascii >= tailStart;
  }

  function differs(byte: number): boolean {
    const known = mark.ascii >= tailStart ? tail[mark.ascii - tailStart] : head[mark.ascii];
    return known !== undefined && byte !== known;
  }

  function catchUp(chunk: Buffer): Buffer {
    let from = isHeld ? 0 : chunk.length;
    const holdFrom = (index: number): void => {
      held = NOTHING;
      isHeld = true;
      from = index;
    };
    for (const [index, byte] of chunk.entries()) {
      const isAscii = byte < 0x80;
      if (isBoundary(isAscii)) holdFrom(index);
      if (isReached(end, mark, isAscii)) {
        at = "there";
        return chunk.subarray(index);
      }
      if (isAscii && differs(byte)) {
        at = isHeld ? "beyond" : "elsewhere";
        return isHeld ? Buffer.concat([held, chunk.subarray(from)]) : NOTHING;
      }
      mark.ascii += isAscii ? 1 : 0;
      mark.others = isAscii ? 0 : mark.others + 1;
      if (byte === NEWLINE && mark.ascii >= tailStart) holdFrom(index + 1);
    }
    held = isHeld ? Buffer.concat([held, chunk.subarray(from)]) : NOTHING;
    return NOTHING;
  }

  return {
    push(chunk) {
      copy.push(chunk);
      if (at === "behind") return catchUp(chunk);
      return at === "elsewhere" ? NOTHING : chunk;
    },
    at: () => at,
    copy,
  };
}

/** Whether a mark is reached where another is, before a character; others than ASCII may be longer in a copy. */
function isReached(mark: Mark, at: Mark, isAscii: boolean): boolean {
  return at.ascii > mark.ascii || (at.ascii === mark.ascii && (isAscii || at.others >= mark.others));
}
