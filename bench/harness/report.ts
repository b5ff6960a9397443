import { type Result, verdictOf } from "./result.ts";

const digits = (value: number): string =>
  value >= 1000 ? Math.round(value).toLocaleString("en") : value >= 100 ? value.toFixed(0) : value.toFixed(2);

function askedText({ asked, unit }: Result): string {
  if (asked === undefined) return "";
  const sign = asked.bound === "at most" ? "≤" : "≥";
  const goal = asked.goal === undefined ? "" : `, goal ${digits(asked.goal)}`;
  return `${sign} ${digits(asked.value)}${unit === "x" ? "x" : ` ${unit}`}${goal}`;
}

function measuredText({ value, unit, spread }: Result): string {
  const quartiles = spread === undefined ? "" : ` (${digits(spread.q1)}-${digits(spread.q3)})`;
  return `${digits(value)}${unit === "x" ? "x" : ` ${unit}`}${quartiles}`;
}

/** One result in one line, for when it has just been measured. */
export function describeResult(result: Result): string {
  const asked = askedText(result);
  const note = result.note === undefined ? "" : `; ${result.note}`;
  return `${result.name}: ${measuredText(result)}${asked === "" ? "" : `, asked ${asked}: ${verdictOf(result)}`}${note}`;
}

/** All results as a Markdown table, the way docs/reference/performance.md shows them. */
export function renderTable(results: readonly Result[]): string {
  const rows = [
    ["part", "what", "asked", "measured, median (q1-q3)", "rounds", "verdict"],
    ...results.map((result) => [
      result.part,
      result.note === undefined ? result.name : `${result.name} (${result.note})`,
      askedText(result),
      measuredText(result),
      result.rounds === undefined ? "" : String(result.rounds),
      verdictOf(result),
    ]),
  ];
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const [head, ...body] = rows.map(line);
  return [head, `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`, ...body].join("\n");
}
