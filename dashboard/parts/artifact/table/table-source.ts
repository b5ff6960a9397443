import type { Row } from "./csv-reader.ts";

/** A table of any length, of which a few rows are read at a time. */
export interface TableSource {
  readonly columns: readonly string[];
  /** Rows that can be read. */
  readonly count: number;
  /** Rows from 1, both ends included. */
  read(first: number, last: number, signal: AbortSignal): Promise<readonly Row[]>;
}
