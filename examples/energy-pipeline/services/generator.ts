// energy-generator: writes meter readings, ten synthetic ones or those of a file.
import { type DataRoot, type Execute, type WholeFile, writeWholeFile } from "../../../src/service/index.ts";
import { findColumns, formatCsvRow, readCsv } from "./csv.ts";
import { findInput, READING_COLUMNS } from "./files.ts";
import { formatPythonFloat } from "./numbers.ts";

const SYNTHETIC_ROWS = 10;

export function createGenerator(root: DataRoot): Execute {
  return async ({ inputFile, outputFile }, { signal }) => {
    const input = await findInput(root, inputFile);
    const output = await root.locate(outputFile);
    if (input === undefined) {
      await writeWholeFile(output, (file) => file.write(syntheticReadings()), signal);
      return `Successfully generated synthetic data to ${outputFile}`;
    }
    const rows = await writeWholeFile(output, (file) => copyReadings(input, file, signal), signal);
    return `Successfully passed on ${rows} readings to ${outputFile}`;
  };
}

function syntheticReadings(): string {
  const rows = Array.from({ length: SYNTHETIC_ROWS }, (_, i) => [
    `2025-01-01T00:00:${String(i).padStart(2, "0")}Z`,
    `HH-${i % 3}`,
    formatPythonFloat(120.5 + i),
    formatPythonFloat(230),
    formatPythonFloat(5.1 + i * 0.1),
  ]);
  return [READING_COLUMNS, ...rows].map(formatCsvRow).join("");
}

/** Picks the columns and keeps the text of each field. Returns how many rows there were. */
async function copyReadings(input: string, file: WholeFile, signal: AbortSignal): Promise<number> {
  let columns: readonly number[] | undefined;
  let count = 0;
  for await (const rows of readCsv(input, signal)) {
    let text = "";
    for (const row of rows) {
      if (row.problem !== undefined) throw new Error(`Line ${row.line} ${row.problem}`);
      if (columns === undefined) {
        columns = findColumns(row, READING_COLUMNS);
        text += formatCsvRow(READING_COLUMNS);
        continue;
      }
      text += formatCsvRow(columns.map((column) => row.fields[column] ?? ""));
      count += 1;
    }
    await file.write(text, "latin1");
  }
  if (columns === undefined) findColumns(undefined, READING_COLUMNS);
  return count;
}
