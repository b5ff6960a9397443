import { escapeControls } from "../../kernel/text.ts";
import type { Style } from "./style.ts";
import { truncate, widthOf } from "./text-width.ts";

export interface Column {
  readonly title: string;
  /** Numbers stand at the right. */
  readonly align?: "right";
  /** The column may be narrowed to this width when the table is too wide for the terminal; at 0 it is left out. */
  readonly shrinkTo?: number;
}

/** A cell: a text, and how it is coloured once its width is known. */
export interface Cell {
  readonly text: string;
  readonly paint?: (text: string) => string;
}

const GAP = 2;

export interface TableOptions {
  readonly columns: number;
  readonly style: Style;
  /** Of each row a text that stands below it, as it is, however long. */
  readonly below?: readonly (string | undefined)[];
}

type Row = readonly (Cell | string)[];

/**
 * A table without lines, as wide as it must be and at most `columns`, where its columns can be made so narrow.
 * Control characters in cells are escaped.
 */
export function renderTable(columns: readonly Column[], rows: readonly Row[], options: TableOptions): string {
  const { style, below = [] } = options;
  const { cells, widths } = layOut(columns, rows, options);
  const line = (row: readonly Cell[]): string =>
    columns
      .flatMap((column, index) => {
        const cell = row[index] ?? { text: "" };
        const width = widths[index] ?? 0;
        if (width === 0) return [];
        const text = truncate(cell.text, width, style.show("…"));
        const painted = cell.paint === undefined ? text : cell.paint(text);
        const space = " ".repeat(Math.max(0, width - widthOf(text)));
        return [column.align === "right" ? space + painted : painted + space];
      })
      .join(" ".repeat(GAP))
      .trimEnd();
  const head = columns.map((column) => ({ text: column.title, paint: style.dim }));
  const lines = cells.flatMap((row, index) => {
    const text = below[index];
    return text === undefined ? [line(row)] : [line(row), `${" ".repeat(GAP)}${escapeControls(text)}`];
  });
  return [line(head), ...lines].map((text) => `${text}\n`).join("");
}

/** Whether a table can be made narrow enough. */
export function fits(columns: readonly Column[], rows: readonly Row[], options: TableOptions): boolean {
  return totalOf(layOut(columns, rows, options).widths) <= options.columns;
}

function layOut(columns: readonly Column[], rows: readonly Row[], options: TableOptions) {
  const cells = rows.map((row) => row.map((cell) => toCell(cell, options.style)));
  const widths = columns.map((column, index) =>
    cells.reduce((widest, row) => Math.max(widest, widthOf(row[index]?.text ?? "")), widthOf(column.title)),
  );
  shrink(widths, columns, options.columns);
  return { cells, widths };
}

function toCell(cell: Cell | string, style: Style): Cell {
  const { text, ...paint } = typeof cell === "string" ? { text: cell } : cell;
  return { ...paint, text: style.show(escapeControls(text)) };
}

/** Narrows the columns that may be narrowed, the widest first, until the table fits. */
function shrink(widths: number[], columns: readonly Column[], available: number): void {
  while (totalOf(widths) > available) {
    let widest = -1;
    for (const [index, column] of columns.entries()) {
      const room = (widths[index] ?? 0) - (column.shrinkTo ?? Number.POSITIVE_INFINITY);
      if (room > 0 && (widest < 0 || (widths[index] ?? 0) > (widths[widest] ?? 0))) widest = index;
    }
    if (widest < 0) return;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
}

/** A column that is left out has no gap either. */
function totalOf(widths: readonly number[]): number {
  const shown = widths.filter((width) => width > 0);
  return shown.reduce((sum, width) => sum + width + GAP, -GAP);
}
