// What the demo shows of a report of any size, gathered in one pass and in bounded memory.

import { findColumns, readCsv } from "../services/csv.ts";
import { readReport } from "../services/report-file.ts";
import { REPORT_COLUMNS } from "../services/reporter.ts";

export interface ReportRow {
  readonly timestamp: string;
  readonly household: string;
  readonly power: number;
  readonly efficiency: number;
  readonly anomaly: boolean;
}

export interface Household {
  readonly name: string;
  readonly readings: number;
  readonly meanPower: number;
}

export interface ReportSummary {
  readonly readings: number;
  readonly anomalies: number;
  /** Rows the analyzer left out. */
  readonly skipped: number;
  /** The first rows of the report. */
  readonly first: readonly ReportRow[];
  /** The first anomalies that stand after `first`. */
  readonly laterAnomalies: readonly ReportRow[];
  /** In order of appearance. */
  readonly households: readonly Household[];
  /** Readings of households beyond those that are kept apart. */
  readonly otherReadings: number;
}

/** Households kept apart: more than anybody looks at, and few enough for any memory. */
const MAX_HOUSEHOLDS = 10_000;

/**
 * @param reportFile   the reporter's CSV
 * @param analysisFile the analyzer's file, which knows how many rows were left out
 * @param shown        how many rows to keep, ≥ 0
 */
export async function summarize(reportFile: string, analysisFile: string, shown: number): Promise<ReportSummary> {
  const first: ReportRow[] = [];
  const laterAnomalies: ReportRow[] = [];
  const totals = new Map<string, { readings: number; power: number }>();
  const counts = { readings: 0, anomalies: 0, other: 0 };
  for await (const row of readRows(reportFile)) {
    counts.readings += 1;
    if (row.anomaly) counts.anomalies += 1;
    if (first.length < shown) first.push(decoded(row));
    else if (row.anomaly && laterAnomalies.length < shown) laterAnomalies.push(decoded(row));

    const total = totals.get(row.household);
    if (total !== undefined) {
      total.readings += 1;
      total.power += row.power;
    } else if (totals.size < MAX_HOUSEHOLDS) {
      totals.set(copyOf(row.household), { readings: 1, power: row.power });
    } else {
      counts.other += 1;
    }
  }
  const households = [...totals].map(([name, total]) => ({
    name: fromBytes(name),
    readings: total.readings,
    meanPower: total.power / total.readings,
  }));
  return {
    readings: counts.readings,
    anomalies: counts.anomalies,
    skipped: await readSkipped(analysisFile),
    first,
    laterAnomalies,
    households,
    otherReadings: counts.other,
  };
}

async function* readRows(file: string): AsyncGenerator<ReportRow> {
  let columns: readonly number[] | undefined;
  for await (const rows of readCsv(file)) {
    for (const row of rows) {
      if (columns === undefined) {
        columns = findColumns(row, REPORT_COLUMNS);
        continue;
      }
      const [timestamp = "", household = "", power, efficiency, anomaly] = columns.map((column) => row.fields[column]);
      yield {
        timestamp,
        household,
        power: Number(power),
        efficiency: Number(efficiency),
        anomaly: anomaly === "True",
      };
    }
  }
}

async function readSkipped(file: string): Promise<number> {
  let skipped = 0;
  for await (const part of readReport(file)) skipped = part.skippedRows;
  return skipped;
}

/** Rows are read as bytes; what is shown is UTF-8. */
const fromBytes = (text: string): string => Buffer.from(text, "latin1").toString("utf8");

/** A part of a long string keeps all of it in memory; a copy does not. */
const copyOf = (text: string): string => Buffer.from(text, "latin1").toString("latin1");

function decoded(row: ReportRow): ReportRow {
  return { ...row, timestamp: fromBytes(row.timestamp), household: fromBytes(row.household) };
}
