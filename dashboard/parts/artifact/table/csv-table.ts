// A CSV file as a table: the server finds its rows (`?rows=`), so that nobody holds the file.
import { isApiError } from "../../../api/client.ts";
import { type ArtifactFacts, requestArtifact } from "../artifact-source.ts";
import { type Row, readCsv } from "./csv-reader.ts";
import { PAGE_ROWS } from "./row-pages.ts";
import type { TableSource } from "./table-source.ts";

/** No file has so many rows: asked for it, the server says how many there are. */
const BEYOND_ALL = 999_999_999_999;

/** Rows of a file that the server does not count, being too large. */
const ROWS_OF_TOO_LARGE = 10_000;

export interface CsvTable {
  readonly source: TableSource;
  /** Its first page. */
  readonly head: readonly Row[];
  /** The server does not look for rows as far as the file goes: these are its first ones. */
  readonly isCut: boolean;
}

/** @throws ApiError */
export async function openCsvTable(file: ArtifactFacts, signal: AbortSignal): Promise<CsvTable> {
  const first = await readRows(file, 1, PAGE_ROWS, signal);
  const count = first.total ?? (await countRows(file, signal));
  const head = first.rows;
  const columns = nameColumns(first.header, head);
  const read: TableSource["read"] = async (from, to, signal) => (await readRows(file, from, to, signal)).rows;
  return { source: { columns, count: count ?? ROWS_OF_TOO_LARGE, read }, head, isCut: count === undefined };
}

/** @returns undefined where the file is too large to be counted */
async function countRows(file: ArtifactFacts, signal: AbortSignal): Promise<number | undefined> {
  try {
    return (await readRows(file, BEYOND_ALL, BEYOND_ALL, signal)).total;
  } catch (thrown) {
    if (isApiError(thrown) && thrown.problem.code === "ARTIFACT_NO_ROWS") return undefined;
    throw thrown;
  }
}

interface ReadRows {
  readonly header: Row;
  readonly rows: readonly Row[];
  readonly total: number | undefined;
}

async function readRows(file: ArtifactFacts, first: number, last: number, signal: AbortSignal): Promise<ReadRows> {
  const response = await requestArtifact(`${file.url}?rows=${first}-${last}`, {}, signal);
  const total = response.headers.get("busbar-rows")?.split("/")[1];
  const [header = [], ...rows] = readCsv(await response.text());
  return { header, rows, total: total === undefined || total === "*" ? undefined : Number(total) };
}

/** Rows may have more fields than the header names. */
function nameColumns(header: Row, rows: readonly Row[]): readonly string[] {
  const count = rows.reduce((most, row) => Math.max(most, row.length), header.length);
  return Array.from({ length: count }, (_, index) => header[index]?.trim() || `column ${index + 1}`);
}
