// Runs beside the page: reads a file whole, keeps its columns, and answers what charts ask of them.
import { isApiError } from "../../../api/client.ts";
import { requestArtifact } from "../artifact-source.ts";
import { type ReportFile, readReport } from "../report/report-file.ts";
import { type ColumnTable, createColumnBuilder, filterTable } from "./column-table.ts";
import { describeTable } from "./describe-columns.ts";
import { drawPoints } from "./draw-points.ts";
import type { Asked, FromWorker, OneCategory, TableFormat, ToWorker } from "./protocol.ts";
import { readCsvColumns } from "./read-csv-columns.ts";

/** What is read of a file at most. */
const MAX_BYTES = 128 * 1024 * 1024;
/** Between two words of how far it is. */
const PROGRESS_BYTES = 1024 * 1024;
/** Entries of a report that become columns at a time. */
const BATCH_ROWS = 10_000;

interface Opened {
  readonly table: ColumnTable;
  readonly report?: ReportFile;
}

let opened: Opened | undefined;
let filtered: { readonly only: OneCategory; readonly table: ColumnTable } | undefined;

addEventListener("message", ({ data }: MessageEvent<ToWorker>) => {
  if (data.type !== "open") answer(data);
  else open(data.url, data.size, data.format).catch(fail);
});

async function open(url: string, size: number, format: TableFormat): Promise<void> {
  const isPart = size > MAX_BYTES;
  const pieces = readPieces(url, Math.min(size, MAX_BYTES));
  if (format === "csv") {
    const { table, isCut } = await readCsvColumns(pieces, isPart);
    opened = { table };
    say({ type: "opened", facts: { ...describeTable(table), bytes: Math.min(size, MAX_BYTES), isCut } });
    return;
  }
  const bytes = await gather(pieces, Math.min(size, MAX_BYTES));
  const report = readReport(bytes, isPart);
  if (report === undefined) {
    say({ type: "other" });
    return;
  }
  const table = tableOf(report);
  opened = { table, report };
  const { skippedRows } = report;
  say({ type: "opened", facts: { ...describeTable(table), bytes: bytes.length, isCut: isPart, skippedRows } });
}

async function* readPieces(url: string, end: number): AsyncGenerator<Uint8Array> {
  const response = await requestArtifact(url, { headers: { range: `bytes=0-${end - 1}` } });
  let [bytes, told] = [0, 0];
  for await (const piece of response.body ?? []) {
    yield piece;
    bytes += piece.length;
    if (bytes - told < PROGRESS_BYTES) continue;
    told = bytes;
    say({ type: "progress", bytes });
  }
}

async function gather(pieces: AsyncIterable<Uint8Array>, size: number): Promise<Uint8Array> {
  const all = new Uint8Array(size);
  let at = 0;
  for await (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all.subarray(0, at);
}

function tableOf(report: ReportFile): ColumnTable {
  const builder = createColumnBuilder(report.columns);
  for (let from = 0; from < report.count; from += BATCH_ROWS) {
    const count = Math.min(BATCH_ROWS, report.count - from);
    builder.add(Array.from({ length: count }, (_, index) => report.row(from + index, true)));
  }
  return builder.build();
}

function answer(asked: Asked): void {
  if (opened !== undefined) say({ type: "answer", id: asked.id, answer: answerTo(asked, opened) });
}

function answerTo(asked: Asked, { table, report }: Opened): unknown {
  switch (asked.type) {
    case "draw":
      return drawPoints(asked.ask.only === undefined ? table : filter(table, asked.ask.only), asked.ask);
    case "rows": {
      const { first, last } = asked.ask;
      const count = Math.max(0, Math.min(last, report?.count ?? 0) - first + 1);
      return Array.from({ length: count }, (_, index) => report?.row(first - 1 + index));
    }
    case "anomaly": {
      const rows = table.anomalies ?? new Uint32Array();
      const next = rows.find((row) => row >= asked.ask.after) ?? rows[0];
      return next === undefined ? undefined : next + 1;
    }
  }
}

function filter(table: ColumnTable, only: OneCategory): ColumnTable {
  if (filtered?.only.column !== only.column || filtered.only.category !== only.category) {
    filtered = { only, table: filterTable(table, only.column, only.category) };
  }
  return filtered.table;
}

function fail(thrown: unknown): void {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  say({ type: "failed", message, ...(isApiError(thrown) ? { problem: thrown.problem } : {}) });
}

function say(message: FromWorker): void {
  postMessage(message);
}
