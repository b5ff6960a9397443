import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { measureServices } from "../../../bench/analyzer.ts";

describe("the services' memory", () => {
  // The rows of this file, held as objects, would take several times the heap that each service gets here;
  // bench/analyzer.ts measures a million rows.
  it("does not grow with the file: 300,000 rows go through a heap of 32 MB", async () => {
    const measured = await measureServices({ rows: 300_000, heapMb: 32 });
    assert.deepEqual(
      measured.map(({ message }) => message),
      [
        "Successfully passed on 300000 readings to energy_data.csv",
        "Successfully analyzed 297000 records and saved to analysis_output.pb (skipped 3000)",
        "Successfully generated report with 297000 records to energy_report.csv",
      ],
    );
    for (const { service, max_rss_mb } of measured) assert.ok(max_rss_mb < 256, `${service}: ${max_rss_mb} MB`);
  });
});
