// Where the lines of a log stand, without drawing them: a monospaced line that is broken anywhere is as many rows high
// as its characters fill.

/** Lines, each as many rows high as it needs. */
export interface LogLayout {
  /** Where the lines begin, in rows; one more than there are lines: the last one is where they end. */
  readonly tops: readonly number[];
  /** Lays more lines, or takes the last ones away. */
  setCount(count: number): void;
  /** The line that stands at a row, or the last one. */
  lineAt(row: number): number;
}

/** Ideographs and the like, which are two cells wide; what stands beyond the BMP is two units long already. */
const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/g;
const PLAIN_ASCII = /^[\x20-\x7e]*$/;
/** As `tab-size` of styles is by default. */
const TAB_CELLS = 8;

/**
 * @param columns of characters that a row has, ≥ 1
 * @param before  cells that are taken before the text
 */
export function rowsOfText(text: string, columns: number, before = 0): number {
  return Math.max(1, Math.ceil(cellsOf(text, before) / columns));
}

function cellsOf(text: string, before: number): number {
  if (PLAIN_ASCII.test(text)) return before + text.length;
  let cells = before;
  for (const [index, piece] of text.split("\t").entries()) {
    if (index > 0) cells += TAB_CELLS - (cells % TAB_CELLS);
    cells += piece.length + (piece.match(WIDE)?.length ?? 0);
  }
  return cells;
}

/** @param heightOf how many rows a line is high, ≥ 1; asked once of each line */
export function createLogLayout(heightOf: (line: number) => number): LogLayout {
  const tops: number[] = [0];
  return {
    tops,
    setCount(count) {
      tops.length = Math.min(tops.length, count + 1);
      for (let line = tops.length - 1; line < count; line += 1) tops.push((tops[line] ?? 0) + heightOf(line));
    },
    lineAt(row) {
      let [from, to] = [0, Math.max(0, tops.length - 2)];
      while (from < to) {
        const middle = (from + to + 1) >> 1;
        if ((tops[middle] ?? 0) <= row) from = middle;
        else to = middle - 1;
      }
      return from;
    },
  };
}
