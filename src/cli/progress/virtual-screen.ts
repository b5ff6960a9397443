import { widthOf } from "../render/text-width.ts";

/** A terminal as a model, for tests: what stands on it, what it has scrolled away, and what was wrapped. */
export interface VirtualScreen {
  write(text: string): void;
  /** Terminals wrap again what they show (VTE, tmux, Windows Terminal). The cursor keeps its place in the text. */
  resize(size: Size): void;
  size(): Size;
  /** Rows, without the spaces at their ends. */
  visible(): readonly string[];
  /** Rows that were scrolled away. */
  history(): readonly string[];
  /** How often a text was wider than the screen. */
  wraps(): number;
  cursorShown(): boolean;
}

interface Size {
  readonly columns: number;
  readonly rows: number;
}

interface Row {
  cells: string[];
  /** The text goes on in the next row. */
  goesOn: boolean;
}

const emptyRow = (): Row => ({ cells: [], goesOn: false });
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what is looked for
const TOKEN = /\u001b\[\??(\d*)([A-Za-z])|[\s\S]/gu;

export function createVirtualScreen(initial: Size): VirtualScreen {
  let size = initial;
  // All that was ever shown; the screen is its end.
  let rows: Row[] = [emptyRow()];
  let top = 0;
  let at = { row: 0, column: 0 };
  let wraps = 0;
  let cursorShown = true;

  const rowAt = (index: number): Row => {
    while (rows.length <= index) rows.push(emptyRow());
    return rows[index] as Row;
  };
  function lineFeed(): void {
    at = { row: at.row + 1, column: 0 };
    rowAt(at.row);
    top = Math.max(top, at.row - size.rows + 1);
  }
  function put(character: string): void {
    const width = widthOf(character);
    if (width === 0) return;
    if (at.column + width > size.columns && at.column > 0) {
      wraps += 1;
      rowAt(at.row).goesOn = true;
      lineFeed();
    }
    const { cells } = rowAt(at.row);
    while (cells.length < at.column) cells.push(" ");
    cells[at.column] = character;
    for (let more = 1; more < width; more += 1) cells[at.column + more] = "";
    at = { ...at, column: at.column + width };
  }
  function control(letter: string, parameter: string): void {
    if (letter === "A") at = { ...at, row: Math.max(top, at.row - Number(parameter || 1)) };
    else if (letter === "K" && parameter === "2") eraseRow();
    else if (letter === "h" || letter === "l") cursorShown = letter === "h";
    else if (letter !== "m") throw new Error(`the virtual screen does not know CSI ${parameter}${letter}`);
  }
  function eraseRow(): void {
    rows[at.row] = emptyRow();
    const before = rows[at.row - 1];
    if (before !== undefined) before.goesOn = false;
  }
  const textOf = ({ cells }: Row): string => cells.join("").trimEnd();

  return {
    write(text) {
      for (const [token, parameter = "", letter] of text.matchAll(TOKEN)) {
        if (letter !== undefined) control(letter, parameter);
        else if (token === "\n") lineFeed();
        else if (token === "\r") at = { ...at, column: 0 };
        else put(token);
      }
    },
    resize(next) {
      const before = rows;
      const cursorRow = at.row;
      size = next;
      rows = [];
      let line = "";
      for (const [index, row] of before.entries()) {
        if (index === cursorRow) at = { row: rows.length, column: 0 };
        line += textOf(row);
        if (row.goesOn && index + 1 < before.length) continue;
        rows.push(...wrap(line, next.columns));
        line = "";
      }
      top = Math.max(0, at.row - next.rows + 1);
    },
    size: () => size,
    visible: () => rows.slice(top, top + size.rows).map(textOf),
    history: () => rows.slice(0, top).map(textOf),
    wraps: () => wraps,
    cursorShown: () => cursorShown,
  };
}

function wrap(line: string, columns: number): Row[] {
  const wrapped = [emptyRow()];
  for (const character of line) {
    const width = widthOf(character);
    let row = wrapped.at(-1) as Row;
    if (row.cells.length + width > columns && row.cells.length > 0) {
      row.goesOn = true;
      row = emptyRow();
      wrapped.push(row);
    }
    row.cells.push(character, ...Array(Math.max(0, width - 1)).fill(""));
  }
  return wrapped;
}
