import { createCsvReader, type Row } from "../table/csv-reader.ts";
import { type ColumnBuilder, type ColumnTable, createColumnBuilder } from "./column-table.ts";

/** Rows that are kept at most: eight bytes a row and column. */
const MAX_ROWS = 4_000_000;

export interface ReadColumns {
  readonly table: ColumnTable;
  /** There are more rows. */
  readonly isCut: boolean;
}

/**
 * Reads CSV as it comes.
 * @param isPart the pieces are the beginning of a file: the last line may be half of one, and is left out
 * @throws Error where a row is too long
 */
export async function readCsvColumns(pieces: AsyncIterable<Uint8Array>, isPart: boolean): Promise<ReadColumns> {
  const decoder = new TextDecoder();
  const reader = createCsvReader();
  let builder: ColumnBuilder | undefined;
  let isFull = false;
  const take = (rows: readonly Row[]): void => {
    const [header, ...others] = builder === undefined ? rows : [undefined, ...rows];
    if (builder === undefined && header === undefined) return;
    builder ??= createColumnBuilder((header ?? []).map((name, index) => name.trim() || `column ${index + 1}`));
    builder.add(others.filter((row) => row !== undefined));
  };
  for await (const piece of pieces) {
    take(reader.take(decoder.decode(piece, { stream: true })));
    isFull = (builder?.rows ?? 0) >= MAX_ROWS;
    if (isFull) break;
  }
  if (!isFull && !isPart) take([...reader.take(decoder.decode()), ...reader.end()]);
  return { table: (builder ?? createColumnBuilder([])).build(), isCut: isFull || isPart };
}
