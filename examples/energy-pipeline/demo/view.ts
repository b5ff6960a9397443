// The report as text for a terminal.
import { escapeControls } from "../../../src/kernel/text.ts";
import type { Household, ReportRow, ReportSummary } from "./summary.ts";

export interface ViewOptions {
  /** Makes the mark of an anomaly stand out; the plain text if left out. */
  readonly highlight?: (text: string) => string;
}

const MARK = "◄ anomaly";
const BAR_WIDTH = 40;
const MAX_BARS = 20;
const MAX_CELL = 40;

export function renderReport(summary: ReportSummary, options: ViewOptions = {}): string {
  const { readings, anomalies, skipped } = summary;
  const parts = [`${count(readings, "reading")}, ${count(anomalies, "anomaly", "anomalies")} (efficiency below 0.1)`];
  if (skipped > 0) parts[0] += `, ${count(skipped, "row")} left out`;
  if (readings > 0) {
    parts.push(renderRows(summary, options.highlight ?? ((text) => text)));
    parts.push(renderBars(summary));
  }
  return `${parts.join("\n\n")}\n`;
}

function renderRows(summary: ReportSummary, highlight: (text: string) => string): string {
  // Where every row is one, a mark says nothing; the likely reason does.
  const all = summary.anomalies === summary.readings;
  const mark = all ? () => "" : highlight;
  const cells = [...summary.first, ...summary.laterAnomalies].map(toCells);
  const header = ["timestamp", "household", "power", "efficiency"];
  const widths = header.map((title, i) => Math.max(title.length, ...cells.map((row) => row[i]?.length ?? 0)));
  const line = (row: readonly string[], end: string) => {
    const padded = row.map((cell, i) => (i < 2 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)));
    return `  ${padded.join("  ")}  ${end}`.trimEnd();
  };
  const rowLine = (row: ReportRow) => line(toCells(row), row.anomaly ? mark(MARK) : "");

  const lines = [line(header, ""), ...summary.first.map(rowLine)];
  const later = summary.readings - summary.first.length;
  if (later > 0) lines.push(`  … ${count(later, "more reading")}`);
  if (!all && summary.laterAnomalies.length > 0) {
    const shownFirst = summary.first.filter((row) => row.anomaly).length;
    const unseen = summary.anomalies - shownFirst - summary.laterAnomalies.length;
    lines.push("  anomalies among them:", ...summary.laterAnomalies.map(rowLine));
    if (unseen > 0) lines.push(`  … ${count(unseen, "more anomaly", "more anomalies")}`);
  }
  if (all) {
    lines.push("", `Every reading (${summary.readings}) lies below 0.1: power is taken as watts, is it in kW here?`);
  }
  return lines.join("\n");
}

function toCells(row: ReportRow): string[] {
  return [cell(row.timestamp), cell(row.household), formatNumber(row.power), row.efficiency.toFixed(3)];
}

function renderBars(summary: ReportSummary): string {
  const shown = summary.households.slice(0, MAX_BARS);
  const largest = Math.max(...shown.map((household) => Math.abs(household.meanPower)));
  const nameWidth = Math.max(...shown.map((household) => cell(household.name).length));
  const bars = shown.map((household) => bar(household, largest, nameWidth));
  const hidden = summary.households.length - shown.length;
  if (hidden > 0) bars.push(`  … ${count(hidden, "more household")}`);
  if (summary.otherReadings > 0) bars.push(`  … and ${count(summary.otherReadings, "reading")} of further households`);
  return ["Mean power per household", ...bars].join("\n");
}

function bar(household: Household, largest: number, nameWidth: number): string {
  const share = largest > 0 ? Math.abs(household.meanPower) / largest : 0;
  const length = Math.max(household.meanPower === 0 ? 0 : 1, Math.round(share * BAR_WIDTH));
  return `  ${cell(household.name).padEnd(nameWidth)}  ${"█".repeat(length).padEnd(BAR_WIDTH)}  ${formatNumber(household.meanPower)}`;
}

/** Text of a file, safe on a terminal and not too wide. */
function cell(text: string): string {
  const safe = escapeControls(text);
  return safe.length > MAX_CELL ? `${safe.slice(0, MAX_CELL - 1)}…` : safe;
}

/** Six digits are what a 32-bit float holds for certain. */
function formatNumber(value: number): string {
  return String(Number(value.toPrecision(6)));
}

function count(n: number, one: string, many = `${one}s`): string {
  return `${n.toLocaleString("en-US")} ${n === 1 ? one : many}`;
}
