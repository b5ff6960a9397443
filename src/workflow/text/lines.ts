import { isWithoutWidth } from "../../kernel/text.ts";

/** Characters of a line that are shown before it is cut. */
const MAX_SHOWN = 120;
/** Where the mark stands, from 1, in a line that is cut on the left. */
const MARK_COLUMN = 41;

export interface Position {
  /** From 1. */
  readonly line: number;
  /** From 1, in characters. */
  readonly column: number;
  /** UTF-16 offsets of the line; its break is not part of it. */
  readonly lineStart: number;
  readonly lineEnd: number;
}

/**
 * Finds line and column of offsets, which are asked in ascending order: the text is read once, however many
 * there are and however long its lines.
 */
export function createPositionFinder(text: string): (offset: number) => Position {
  const breaks = /\r\n|\n|\r/g;
  let next = breaks.exec(text);
  let [line, lineStart, counted, column] = [1, 0, 0, 1];
  return (offset) => {
    while (next !== null && next.index + next[0].length <= offset) {
      line += 1;
      lineStart = next.index + next[0].length;
      [counted, column] = [lineStart, 1];
      next = breaks.exec(text);
    }
    for (; counted < offset; counted += 1) {
      // The second half of a surrogate pair is no character of its own.
      if (!isLowSurrogate(text, counted)) column += 1;
    }
    return { line, column, lineStart, lineEnd: next?.index ?? text.length };
  };
}

function isLowSurrogate(text: string, offset: number): boolean {
  const code = text.charCodeAt(offset);
  return code >= 0xdc00 && code <= 0xdfff && offset > 0 && (text.charCodeAt(offset - 1) & 0xfc00) === 0xd800;
}

/**
 * The line of a span as it is shown: cut around the mark where it is long, control characters as pictures of
 * one character each, so that what stands at a column keeps it.
 */
export function cutLine(
  text: string,
  { column, lineStart, lineEnd }: Position,
  span: { readonly start: number; readonly end: number },
): { readonly source_line: string; readonly length: number } {
  const cutLeft = columnInSourceLine(column) !== column;
  // A character is at most two units, so these windows hold all that is shown.
  const from = cutLeft ? Math.max(lineStart, span.start - 2 * MARK_COLUMN) : lineStart;
  const to = Math.min(lineEnd, span.start + 2 * MAX_SHOWN);
  const before = [...text.slice(from, span.start)];
  const after = [...text.slice(span.start, to)];
  const prefix = cutLeft ? ["…", ...before.slice(2 - MARK_COLUMN)] : before;
  const shown = after.slice(0, MAX_SHOWN - prefix.length);
  const cutRight = shown.length < after.length || to < lineEnd;
  const marked = [...text.slice(span.start, Math.min(span.end, to))].length;
  return {
    source_line: `${[...prefix, ...shown].map(visible).join("")}${cutRight ? "…" : ""}`,
    length: Math.max(1, Math.min(marked, shown.length)),
  };
}

/** Where the mark stands in a `source_line`, from 1: this follows from the column alone. */
export function columnInSourceLine(column: number): number {
  return column > MAX_SHOWN - MARK_COLUMN ? MARK_COLUMN : column;
}

function visible(character: string): string {
  if (character === "\t") return " ";
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  if (code === 0x7f) return "␡";
  return isWithoutWidth(character) || /[\p{Cc}\p{Cs}\u2028\u2029]/u.test(character) ? "�" : character;
}
