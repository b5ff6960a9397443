import type { FoundRows, RowRange, Span } from "../../ports/artifacts.ts";
import { knownBefore, noteLine, type RowIndex } from "./row-index.ts";

/** What has been seen of a table: it is given the bytes of the file in order, in pieces. */
export interface RowFinder {
  /** Where in the file the bytes begin that it is to be given. */
  readonly start: number;
  /** @returns whether what was wanted has been found, so that no more needs to be read */
  take(piece: Uint8Array): boolean;
  /** What was found, after the last piece. @param size of the file */
  found(size: number): FoundRows;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const LF = 0x0a;
const CR = 0x0d;

/** Where in a field: at its beginning, in plain text, within quotes, or after a quote that ends it or stands for one. */
type Within = "start" | "plain" | "quotes" | "quote";

/**
 * Finds rows of CSV (RFC 4180; lines end in LF or CRLF) by their ends alone, so that a row of any length takes no
 * memory. A quote within a plain field is a character like others.
 *
 * @param index what is known of the file's lines: it is begun at the last one that is known before the rows, and what is
 *              passed on the way is added to it
 */
export function createRowFinder({ first, last }: RowRange, index: RowIndex): RowFinder {
  const known = knownBefore(index, first);
  let within: Within = "start";
  /** Bytes before the piece, lines that have ended, and where the last of those did. */
  let offset = known.start;
  let lines = known.line;
  let lineStart = known.start;
  let header: Span = index.header ?? { start: 0, end: 0 };
  let rowsStart: number | undefined;
  let rowsEnd = 0;

  /** Line 0 is the header. */
  function endLine(end: number): void {
    if (lines === 0) header = { start: 0, end };
    else if (lines >= first && lines <= last) {
      rowsStart ??= lineStart;
      rowsEnd = end;
    }
    lines += 1;
    lineStart = end;
    noteLine(index, lines, end);
  }

  function scan(piece: Uint8Array): void {
    for (let at = nextOf(piece, 0); at < piece.length; at = nextOf(piece, at + 1)) {
      const byte = piece[at];
      if (within === "quotes") {
        if (byte === QUOTE) within = "quote";
      } else if (byte === LF) {
        within = "start";
        endLine(offset + at + 1);
        if (lines > last) return;
      } else if (byte === QUOTE) {
        // After another quote it stands for one character of the field.
        within = within === "start" || within === "quote" ? "quotes" : "plain";
      } else if (byte === COMMA) {
        within = "start";
      } else if (byte !== CR || within !== "quote") {
        within = "plain";
      }
    }
  }

  /** The next byte that matters: in plain text only those that end it do. */
  function nextOf(piece: Uint8Array, from: number): number {
    if (within !== "quotes" && within !== "plain") return from;
    for (let at = from; at < piece.length; at += 1) {
      const byte = piece[at];
      if (within === "quotes" ? byte === QUOTE : byte === LF || byte === COMMA) return at;
    }
    return piece.length;
  }

  return {
    start: known.start,
    take(piece) {
      if (lines <= last) scan(piece);
      offset += piece.length;
      return lines > last;
    },
    found(size) {
      // The last line may lack its end.
      if (offset === size && lines <= last && lineStart < size) endLine(size);
      const isWhole = lineStart === size;
      const rows =
        rowsStart === undefined ? { start: header.end, end: header.end } : { start: rowsStart, end: rowsEnd };
      const count = Math.max(0, Math.min(lines - 1, last) - first + 1);
      return { header, rows, count, ...(isWhole ? { total: Math.max(0, lines - 1) } : {}) };
    },
  };
}
