// The part of the time axis that is looked at: bursts in a long run are seen apart.

/** Milliseconds since the epoch. */
export interface Span {
  readonly from: number;
  readonly until: number;
}

/** No closer: attempts are recorded to the millisecond. */
const LEAST_MS = 5;

/**
 * A part of the axis, nearer or farther.
 * @param by     how many times as much is seen: below 1 it is nearer
 * @param middle stays where it is
 * @returns undefined where that is all of it
 */
export function zoomBy(view: Span, whole: Span, by: number, middle: number): Span | undefined {
  const length = view.until - view.from;
  const next = Math.max(LEAST_MS, length * by);
  if (next >= whole.until - whole.from) return undefined;
  const share = length === 0 ? 0.5 : (middle - view.from) / length;
  return within({ from: middle - share * next, until: middle + (1 - share) * next }, whole);
}

/** The same length, so far on. @param by in lengths of it; below 0 it goes back */
export function moveBy(view: Span, whole: Span, by: number): Span {
  const ms = by * (view.until - view.from);
  return within({ from: view.from + ms, until: view.until + ms }, whole);
}

/** A part in which a span has a good share. @returns undefined where that is all of it */
export function zoomTo(span: Span, whole: Span): Span | undefined {
  const length = Math.max(LEAST_MS, (span.until - span.from) * 1.5);
  if (length >= whole.until - whole.from) return undefined;
  const middle = (span.from + span.until) / 2;
  return within({ from: middle - length / 2, until: middle + length / 2 }, whole);
}

function within({ from, until }: Span, whole: Span): Span {
  const length = until - from;
  const start = Math.max(whole.from, Math.min(from, whole.until - length));
  return { from: start, until: start + length };
}
