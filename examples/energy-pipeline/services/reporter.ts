// report-generator: a ProcessedDataReport as CSV for people.
import { type DataRoot, type Execute, writeWholeFile } from "../../../src/service/index.ts";
import { formatCsvRow } from "./csv.ts";
import { requireInput } from "./files.ts";
import { formatPythonFloat } from "./numbers.ts";
import { type ReportEntry, readReport } from "./report-file.ts";

/** The header of the report. */
export const REPORT_COLUMNS: readonly string[] = [
  "timestamp",
  "household_id",
  "power",
  "efficiency",
  "anomaly_detected",
];

export function createReporter(root: DataRoot): Execute {
  return async ({ inputFile, outputFile }, { signal }) => {
    const input = await requireInput(root, inputFile);
    const output = await root.locate(outputFile);
    const count = await writeWholeFile(
      output,
      async (file) => {
        let entries = 0;
        await file.write(formatCsvRow(REPORT_COLUMNS));
        for await (const part of readReport(input, signal)) {
          let text = "";
          for (const entry of part.entries) text += formatEntry(entry);
          entries += part.entries.length;
          await file.write(text, "latin1");
        }
        return entries;
      },
      signal,
    );
    return `Successfully generated report with ${count} records to ${outputFile}`;
  };
}

function formatEntry(entry: ReportEntry): string {
  return formatCsvRow([
    entry.timestamp,
    entry.householdId,
    formatPythonFloat(entry.power),
    formatPythonFloat(entry.efficiency),
    entry.anomalyDetected ? "True" : "False",
  ]);
}
