// energy-analyzer: efficiency and anomaly of each reading, into a ProcessedDataReport.
import { Buffer, isUtf8 } from "node:buffer";
import {
  type CallContext,
  type DataRoot,
  type Execute,
  type WholeFile,
  writeWholeFile,
} from "../../../src/service/index.ts";
import { type CsvRow, findColumns, readCsv } from "./csv.ts";
import { READING_COLUMNS, requireInput } from "./files.ts";
import { parseNumber, roundToThousandths, trimBlanks } from "./numbers.ts";
import { createReportEncoder, encodeSkippedRows, type ReportEntry } from "./report-file.ts";

/** Below this share of voltage times current a reading is an anomaly. */
const ANOMALY_BELOW = 0.1;
/** Skipped rows named one by one in the log; the rest is only counted, so that a bad file cannot flood it. */
const MAX_SKIPPED_NAMED = 1000;
const MAX_FLOAT32 = 3.4028234663852886e38;

export function createAnalyzer(root: DataRoot): Execute {
  return async ({ inputFile, outputFile }, context) => {
    const input = await requireInput(root, inputFile);
    const output = await root.locate(outputFile);
    const { records, skipped } = await writeWholeFile(output, (file) => analyze(input, file, context), context.signal);
    const suffix = skipped === 0 ? "" : ` (skipped ${skipped})`;
    return `Successfully analyzed ${records} records and saved to ${outputFile}${suffix}`;
  };
}

async function analyze(
  input: string,
  file: WholeFile,
  { signal, log }: CallContext,
): Promise<{ readonly records: number; readonly skipped: number }> {
  const encoder = createReportEncoder();
  let columns: readonly number[] | undefined;
  let records = 0;
  let skipped = 0;
  for await (const rows of readCsv(input, signal)) {
    for (const row of rows) {
      if (columns === undefined) {
        columns = findColumns(row, READING_COLUMNS);
        continue;
      }
      const result = readReading(row, columns);
      if (typeof result !== "string") {
        encoder.add(result);
        records += 1;
        continue;
      }
      skipped += 1;
      if (skipped <= MAX_SKIPPED_NAMED) log.warn(`line ${row.line} skipped: ${result}`);
    }
    await file.write(encoder.take());
  }
  if (columns === undefined) findColumns(undefined, READING_COLUMNS);
  if (skipped > MAX_SKIPPED_NAMED) log.warn(`${skipped - MAX_SKIPPED_NAMED} more lines skipped`);
  await file.write(encodeSkippedRows(skipped));
  return { records, skipped };
}

/** What a row says, or why it is not usable. */
export function readReading(row: CsvRow, columns: readonly number[]): ReportEntry | string {
  if (row.problem !== undefined) return `it ${row.problem}`;
  for (let i = 0; i < columns.length; i++) {
    const text = row.fields[columns[i] ?? -1];
    if (text === undefined) return `${READING_COLUMNS[i]} is missing`;
    if (trimBlanks(text) === "") return `${READING_COLUMNS[i]} is empty`;
  }
  const field = (i: number): string => row.fields[columns[i] ?? -1] ?? "";
  const [timestamp, householdId] = [field(0), field(1)];
  if (!isText(timestamp)) return "timestamp is not UTF-8";
  if (!isText(householdId)) return "household_id is not UTF-8";

  const [power, voltage, current] = [parseNumber(field(2)), parseNumber(field(3)), parseNumber(field(4))];
  if (Number.isNaN(power)) return "power_consumption is not a number";
  if (Number.isNaN(voltage)) return "voltage is not a number";
  if (Number.isNaN(current)) return "current is not a number";
  if (voltage === 0) return "voltage is zero";
  if (current === 0) return "current is zero";
  const efficiency = roundToThousandths(power / (voltage * current));
  if (!fitsFloat32(power)) return "power_consumption is too large";
  if (!fitsFloat32(efficiency)) return "power is too large for voltage times current";
  return { timestamp, householdId, power, efficiency, anomalyDetected: efficiency < ANOMALY_BELOW };
}

/** Larger ones become infinite as 32-bit floats, and NaN is no efficiency. */
const fitsFloat32 = (value: number): boolean => Math.abs(value) <= MAX_FLOAT32;

/** Whether bytes held as latin1 are UTF-8, as a protobuf string must be. */
function isText(latin1: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII is meant
  return /^[\x00-\x7f]*$/.test(latin1) || isUtf8(Buffer.from(latin1, "latin1"));
}
