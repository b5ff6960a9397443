import type { Row } from "./csv-reader.ts";

/** What a column holds, as far as its first rows tell. `flag`: whether something is so: `True`, `no`. */
export type ColumnKind = "number" | "time" | "flag" | "text";

/** As many of what is not empty have to be of the kind: a few slips are gaps, not another kind. */
const MOST = 0.9;

const FLAG = /^(?:true|false|yes|no)$/i;
const TIME = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d.*)?$/;

export function guessKinds(columns: readonly string[], rows: readonly Row[]): readonly ColumnKind[] {
  return columns.map((_, column) => guessKind(rows.map((row) => row[column] ?? "")));
}

function guessKind(values: readonly string[]): ColumnKind {
  const told = values.filter((value) => value.trim() !== "");
  if (told.length === 0) return "text";
  const mostly = (is: (value: string) => boolean): boolean => told.filter(is).length >= told.length * MOST;
  if (mostly((value) => FLAG.test(value))) return "flag";
  if (mostly((value) => TIME.test(value) && !Number.isNaN(Date.parse(value)))) return "time";
  return mostly((value) => !Number.isNaN(readNumber(value))) ? "number" : "text";
}

/** NaN for what is none. */
export function readNumber(text: string): number {
  if (text === "" || text.trim() === "") return Number.NaN;
  const value = Number(text);
  return Number.isFinite(value) ? value : Number.NaN;
}

/** Whether a column by this name says which rows are out of the ordinary. */
export function marksAnomalies(column: string): boolean {
  return /anomal|outlier/i.test(column);
}

export function isTrue(text: string): boolean {
  return /^(?:true|yes|1)$/i.test(text.trim());
}
