import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { summarize } from "./summary.ts";
import { renderReport } from "./view.ts";

const seed = (name: string) => fileURLToPath(new URL(`../../../test/fixtures/seed/phase2/${name}`, import.meta.url));
const HEADER = "timestamp,household_id,power,efficiency,anomaly_detected\n";

describe("the report of the demo", () => {
  let folder = "";
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "busbar-view-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  async function render(rows: readonly string[], shown = 20, analysis: readonly number[] = []): Promise<string> {
    const [csv, pb] = [join(folder, "report.csv"), join(folder, "analysis.pb")];
    writeFileSync(csv, HEADER + rows.map((row) => `${row}\n`).join(""));
    writeFileSync(pb, new Uint8Array(analysis));
    return renderReport(await summarize(csv, pb, shown));
  }

  it("shows the sample as a table with its anomalies marked, and a bar for each household", async () => {
    const summary = await summarize(seed("energy_report.csv"), seed("analysis_output.pb"), 20);
    assert.equal(
      renderReport(summary),
      [
        "10 readings, 7 anomalies (efficiency below 0.1)",
        "",
        "  timestamp             household  power  efficiency",
        "  2025-01-01T00:00:00Z  HH-0       120.5       0.103",
        "  2025-01-01T00:00:01Z  HH-1       121.5       0.102",
        "  2025-01-01T00:00:02Z  HH-2       122.5       0.100",
        "  2025-01-01T00:00:03Z  HH-0       123.5       0.099  ◄ anomaly",
        "  2025-01-01T00:00:04Z  HH-1       124.5       0.098  ◄ anomaly",
        "  2025-01-01T00:00:05Z  HH-2       125.5       0.097  ◄ anomaly",
        "  2025-01-01T00:00:06Z  HH-0       126.5       0.096  ◄ anomaly",
        "  2025-01-01T00:00:07Z  HH-1       127.5       0.096  ◄ anomaly",
        "  2025-01-01T00:00:08Z  HH-2       128.5       0.095  ◄ anomaly",
        "  2025-01-01T00:00:09Z  HH-0       129.5       0.094  ◄ anomaly",
        "",
        "Mean power per household",
        `  HH-0  ${"█".repeat(40)}  125`,
        `  HH-1  ${"█".repeat(40)}  124.5`,
        `  HH-2  ${"█".repeat(40)}  125.5`,
        "",
      ].join("\n"),
    );
  });

  it("says in one line that every reading is an anomaly, and marks none", async () => {
    const text = await render(["t,h,4.5,0.002,True", "t,h,6,0.003,True"]);
    assert.match(text, /^Every reading \(2\) lies below 0\.1: power is taken as watts, is it in kW here\?$/m);
    assert.doesNotMatch(text, /◄/);
  });

  it("shows the first rows of a long report, and the first anomalies after them", async () => {
    const rows = Array.from({ length: 3000 }, (_, i) => `t${i},h,1,${i % 1000 === 5 ? "0.01,True" : "0.9,False"}`);
    const text = await render(rows, 2);
    assert.match(
      text,
      /^ {2}t1 .*\n {2}… 2,998 more readings\n {2}anomalies among them:\n {2}t5 .*\n {2}t1005 .*\n {2}… 1 more anomaly$/m,
    );
  });

  it("says how many rows were left out", async () => {
    assert.match(await render(["t,h,1,0.9,False"], 20, [0x10, 0x02]), /^1 reading, 0 anomalies .*, 2 rows left out$/m);
  });

  it("shows a report without readings", async () => {
    assert.equal(await render([]), "0 readings, 0 anomalies (efficiency below 0.1)\n");
  });

  it("shows few bars of many households, and holds only so many apart", async () => {
    const text = await render(Array.from({ length: 10_003 }, (_, i) => `t,h${i},1,0.9,False`));
    assert.match(text, /… 9,980 more households\n {2}… and 3 readings of further households/);
  });

  it("escapes what would disturb a terminal, and cuts what is too wide", async () => {
    const text = await render([`t,\u001b[31mred,1,0.9,False`, `t,${"é".repeat(99)},1,0.9,False`]);
    assert.ok(text.includes("\\x1b[31mred"));
    assert.ok(text.includes(`${"é".repeat(39)}…`));
  });
});
