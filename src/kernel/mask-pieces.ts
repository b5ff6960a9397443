/** Hides values in a text that comes in pieces, also where one lies across several of them. */
export interface PieceMask {
  /**
   * What is settled of the text so far, with `***` in place of values. An end that may be the beginning of a value
   * is kept back until more is known: always fewer characters than the longest value has.
   */
  push(piece: string): string;
  /** What was kept back; no more comes. */
  end(): string;
}

/** Characters from `from` up to `to` that belong to values. */
interface Span {
  readonly from: number;
  readonly to: number;
}

/**
 * Values that overlap are hidden together: whatever belongs to any of them is left out.
 * @param values asked anew for each piece; none is empty
 */
export function createPieceMask(values: () => readonly string[]): PieceMask {
  let kept = "";
  /** So many characters of `kept` belong to a value for which `***` was given out already. */
  let hidden = 0;

  /** The masked text up to `until`; what follows is kept for the next piece. */
  function settle(text: string, until: number): string {
    const masked: Span = { from: -1, to: hidden };
    const known = values().filter((value) => text.includes(value));
    kept = text.slice(until);
    hidden = 0;
    if (masked.to === 0 && known.length === 0) return text.slice(0, until);
    let settled = "";
    let at = 0;
    for (const { from, to } of merge([masked, ...known.flatMap((value) => placesOf(value, text))])) {
      if (from >= until) break;
      settled += from < 0 ? "" : `${text.slice(at, from)}***`;
      at = to;
    }
    hidden = Math.max(0, at - until);
    return settled + text.slice(at, until);
  }

  return {
    push(piece) {
      const text = kept + piece;
      return settle(text, text.length - beginningAtEnd(text, values()));
    },
    end: () => settle(kept, kept.length),
  };
}

/** Length of the longest end of the text that a value begins with, without being all of it. */
function beginningAtEnd(text: string, values: readonly string[]): number {
  const last = text.charCodeAt(text.length - 1);
  let longest = 0;
  for (const value of values) {
    for (let length = Math.min(value.length - 1, text.length); length > longest; length -= 1) {
      if (value.charCodeAt(length - 1) === last && text.endsWith(value.slice(0, length))) longest = length;
    }
  }
  return longest;
}

function placesOf(value: string, text: string): Span[] {
  const places: Span[] = [];
  for (let from = text.indexOf(value); from >= 0; from = text.indexOf(value, from + 1)) {
    places.push({ from, to: from + value.length });
  }
  return places;
}

/** In order, those that overlap as one. */
function merge(spans: Span[]): Span[] {
  const merged: Span[] = [];
  for (const span of spans.sort((a, b) => a.from - b.from)) {
    const before = merged.at(-1);
    if (before === undefined || span.from >= before.to) merged.push(span);
    else merged[merged.length - 1] = { from: before.from, to: Math.max(before.to, span.to) };
  }
  return merged;
}
