// A whole table by its columns, as charts need it: numbers in arrays, categories as small numbers.
import { type ColumnKind, guessKinds, isTrue, marksAnomalies, readNumber } from "../table/column-kinds.ts";
import type { Row } from "../table/csv-reader.ts";

/** A column as charts see it. */
export interface Column {
  readonly name: string;
  readonly kind: ColumnKind;
  /** A row each: numbers, times in ms since the epoch, flags as 0 or 1; NaN where there is none. Empty for texts. */
  readonly values: Float64Array;
  /** Of a column of texts that has few: which they are. Undefined where there are many. */
  readonly categories: readonly string[] | undefined;
  /** A row each: its position in `categories`. */
  readonly codes: Uint8Array;
}

export interface ColumnTable {
  readonly rows: number;
  readonly columns: readonly Column[];
  /** Rows that are out of the ordinary, from 0; undefined where no column says which. */
  readonly anomalies: Uint32Array | undefined;
}

/** Texts of a column that are offered to choose from. */
const MAX_CATEGORIES = 100;
/** Rows that tell what the columns are. */
const HEAD_ROWS = 500;
const NO_CODES = new Uint8Array();

export interface ColumnBuilder {
  add(rows: readonly Row[]): void;
  readonly rows: number;
  build(): ColumnTable;
}

export function createColumnBuilder(names: readonly string[]): ColumnBuilder {
  let head: Row[] = [];
  let growing: GrowingColumn[] | undefined;
  let rows = 0;
  const marks = names.flatMap((name, column) => (marksAnomalies(name) ? [column] : []));
  const anomalies: number[] = [];

  function settle(): GrowingColumn[] {
    const kinds = guessKinds(names, head);
    const found = names.map((name, column) => createGrowingColumn(name, kinds[column] ?? "text"));
    growing = found;
    for (const row of head) addRow(found, row);
    head = [];
    return found;
  }

  function addRow(columns: readonly GrowingColumn[], row: Row): void {
    for (let column = 0; column < columns.length; column += 1) columns[column]?.add(row[column] ?? "");
    if (marks.some((column) => isTrue(row[column] ?? ""))) anomalies.push(rows);
    rows += 1;
  }

  return {
    add(added) {
      for (const row of added) {
        if (growing !== undefined) addRow(growing, row);
        else if (head.push(row) === HEAD_ROWS) settle();
      }
    },
    get rows() {
      return rows + head.length;
    },
    build() {
      const columns = (growing ?? settle()).map((column) => column.build());
      return { rows, columns, anomalies: marks.length === 0 ? undefined : Uint32Array.from(anomalies) };
    },
  };
}

interface GrowingColumn {
  add(text: string): void;
  build(): Column;
}

function createGrowingColumn(name: string, kind: ColumnKind): GrowingColumn {
  if (kind === "text") return createGrowingTexts(name);
  const read = kind === "number" ? readNumber : kind === "time" ? readTime : readFlag;
  let values = new Float64Array(1024);
  let length = 0;
  return {
    add(text) {
      if (length === values.length) values = grown(values, new Float64Array(length * 2));
      values[length] = read(text);
      length += 1;
    },
    build: () => ({ name, kind, values: values.slice(0, length), categories: undefined, codes: NO_CODES }),
  };
}

function createGrowingTexts(name: string): GrowingColumn {
  let codes = new Uint8Array(1024);
  let length = 0;
  const known = new Map<string, number>();
  let isFew = true;
  return {
    add(text) {
      if (!isFew) return;
      let code = known.get(text);
      if (code === undefined) {
        code = known.size;
        known.set(text, code);
        isFew = known.size <= MAX_CATEGORIES;
      }
      if (length === codes.length) codes = grown(codes, new Uint8Array(length * 2));
      codes[length] = code;
      length += 1;
    },
    build: () => ({
      ...{ name, kind: "text", values: new Float64Array() },
      ...(isFew
        ? { categories: [...known.keys()], codes: codes.slice(0, length) }
        : { categories: undefined, codes: NO_CODES }),
    }),
  };
}

function grown<A extends Float64Array | Uint8Array>(from: A, to: A): A {
  to.set(from);
  return to;
}

function readTime(text: string): number {
  return text === "" ? Number.NaN : Date.parse(text);
}

function readFlag(text: string): number {
  return text.trim() === "" ? Number.NaN : isTrue(text) ? 1 : 0;
}

/** The rows of one category alone. */
export function filterTable(table: ColumnTable, name: string, category: string): ColumnTable {
  const by = table.columns.find((column) => column.name === name);
  const code = by?.categories?.indexOf(category) ?? -1;
  if (by === undefined || code === -1) return { ...table, rows: 0, columns: [], anomalies: undefined };
  const rows: number[] = [];
  for (let row = 0; row < table.rows; row += 1) if (by.codes[row] === code) rows.push(row);
  const place = new Map(table.anomalies === undefined ? [] : rows.map((row, index) => [row, index]));
  return {
    rows: rows.length,
    columns: table.columns.map((column) => ({
      ...column,
      values:
        column.values.length === 0 ? column.values : Float64Array.from(rows, (row) => column.values[row] ?? Number.NaN),
      codes: column.codes.length === 0 ? column.codes : Uint8Array.from(rows, (row) => column.codes[row] ?? 0),
    })),
    anomalies: table.anomalies?.map((row) => place.get(row) ?? NOT_THERE).filter((row) => row !== NOT_THERE),
  };
}

const NOT_THERE = 2 ** 32 - 1;
