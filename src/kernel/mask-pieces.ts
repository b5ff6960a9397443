import { NO_MATCH, type PatternMatcher } from "./pattern-matcher.ts";

/** Hides patterns in a text that comes in pieces, also where one lies across several of them. */
export interface PieceMask {
  /**
   * What is settled of the text so far, with `***` in place of patterns. An end that may be the beginning of a pattern
   * is kept back until more is known: always fewer characters than the longest pattern has.
   */
  push(piece: string): string;
  /** What was kept back; no more comes. */
  end(): string;
}

/** Characters from `from` up to `to` that belong to patterns; before the kept text where it is negative. */
interface Span {
  readonly from: number;
  readonly to: number;
}

/**
 * Patterns that overlap are hidden together: whatever belongs to any of them is left out.
 * @param matcher asked anew for each piece
 */
export function createPieceMask(matcher: () => PatternMatcher): PieceMask {
  let current = matcher();
  let state = NO_MATCH;
  /** What is not told yet; `state` is that of its end. */
  let kept = "";
  /** In order, no two of them overlap; the first may begin before `kept`, and is not told either. */
  let spans: Span[] = [];

  function hide(from: number, to: number): void {
    let first = from;
    for (let last = spans.at(-1); last !== undefined && last.to > from; last = spans.at(-1)) {
      first = Math.min(first, last.from);
      spans.pop();
    }
    spans.push({ from: first, to });
  }

  /** The text up to `until`, masked; what follows is kept. A span that reaches further may still grow: it is told when it ends. */
  function tell(text: string, until: number): string {
    let told = "";
    let at = 0;
    let whole = 0;
    for (const { from, to } of spans) {
      if (from >= until) break;
      told += text.slice(at, Math.max(at, from));
      at = Math.min(to, until);
      if (to > until) break;
      told += "***";
      whole += 1;
    }
    kept = text.slice(until);
    spans = spans.slice(whole).map(({ from, to }) => ({ from: from - until, to: to - until }));
    return told + text.slice(at, until);
  }

  return {
    push(piece) {
      const text = kept + piece;
      let at = kept.length;
      const now = matcher();
      if (now !== current) {
        current = now;
        state = NO_MATCH;
        at = 0;
      }
      state = current.read(text, at, state, hide);
      return tell(text, text.length - current.open(state));
    },
    end() {
      state = NO_MATCH;
      return tell(kept, kept.length);
    },
  };
}
