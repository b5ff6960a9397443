// From as many rows as a file has to as many points as a chart can show.
import type { ColumnTable } from "./column-table.ts";

/** What a chart wants to show. */
export interface DrawRequest {
  /** A column of numbers or times that only grows; undefined: the number of the row. */
  readonly x: string | undefined;
  readonly ys: readonly string[];
  /** Of x, both ends included; undefined: all of it. */
  readonly range: readonly [from: number, to: number] | undefined;
  readonly as: "line" | "bars";
  /** Points that the chart has room for. */
  readonly points: number;
}

/** What it draws: parallel lists, a point each. */
export interface DrawnPoints {
  readonly x: readonly number[];
  readonly ys: readonly (readonly (number | null)[])[];
  /** Rows within the range. */
  readonly rows: number;
  /** Where the first and the last of them are on the axis; undefined where there is none. */
  readonly range: readonly [from: number, to: number] | undefined;
  /** Rows that a point stands for; 1: every row is drawn. A line goes through the lowest and the highest of them. */
  readonly rowsPerPoint: number;
  readonly anomalies: MarkedPoints;
}

/** Those of the rows that are out of the ordinary. */
export interface MarkedPoints {
  /** Of all of them within the range. */
  readonly count: number;
  /** Of those that are drawn: evenly taken where there are too many. */
  readonly x: readonly number[];
  readonly ys: readonly (readonly (number | null)[])[];
}

/** Marks beyond that would cover each other. */
const MAX_MARKS = 300;

export function drawPoints(table: ColumnTable, request: DrawRequest): DrawnPoints {
  const valuesOf = (name: string): Float64Array =>
    table.columns.find((column) => column.name === name)?.values ?? new Float64Array(table.rows).fill(Number.NaN);
  const xs = request.x === undefined ? undefined : valuesOf(request.x);
  const xAt = (row: number): number => (xs === undefined ? row + 1 : (xs[row] ?? Number.NaN));
  const ys = request.ys.map(valuesOf);
  const [from, to] = findRange(table.rows, xAt, request.range);
  const rows = to - from;
  const buckets = Math.max(1, Math.floor(request.as === "line" ? request.points / 2 : request.points));
  const perBucket = rows <= request.points ? 1 : Math.ceil(rows / buckets);
  const x: number[] = [];
  const drawn = ys.map((): (number | null)[] => []);
  for (let start = from; start < to; start += perBucket) {
    const end = Math.min(to, start + perBucket);
    if (request.as === "bars" || perBucket === 1) x.push(xAt(start));
    else x.push(xAt(start), xAt(end - 1));
    ys.forEach((values, index) => {
      if (perBucket === 1) drawn[index]?.push(orGap(values[start]));
      else if (request.as === "bars") drawn[index]?.push(meanOf(values, start, end));
      else drawn[index]?.push(...extremesOf(values, start, end));
    });
  }
  return {
    ...{ x, ys: drawn, rows, rowsPerPoint: perBucket },
    range: rows === 0 ? undefined : [xAt(from), xAt(to - 1)],
    anomalies: markPoints(table, xAt, ys, from, to),
  };
}

/** Whether a column can be an axis: it never falls, and has no gaps. */
export function isGrowing(values: Float64Array): boolean {
  for (let row = 0; row < values.length; row += 1) {
    const value = values[row] ?? Number.NaN;
    if (Number.isNaN(value) || (row > 0 && value < (values[row - 1] ?? 0))) return false;
  }
  return values.length > 0;
}

/** Rows from the first one within the range, up to but without the first one beyond it. */
function findRange(
  rows: number,
  xAt: (row: number) => number,
  range: DrawRequest["range"],
): [from: number, to: number] {
  if (range === undefined) return [0, rows];
  const [low, high] = range;
  return [firstRow(rows, (row) => xAt(row) >= low), firstRow(rows, (row) => xAt(row) > high)];
}

/** Of rows for which it is first not so, and then so. */
function firstRow(rows: number, is: (row: number) => boolean): number {
  let [low, high] = [0, rows];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (is(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The lowest and the highest, in the order in which they come. */
function extremesOf(values: Float64Array, start: number, end: number): [number | null, number | null] {
  let [lowest, highest] = [-1, -1];
  for (let row = start; row < end; row += 1) {
    const value = values[row] ?? Number.NaN;
    if (Number.isNaN(value)) continue;
    if (lowest === -1 || value < (values[lowest] ?? 0)) lowest = row;
    if (highest === -1 || value > (values[highest] ?? 0)) highest = row;
  }
  const [first, second] = lowest < highest ? [lowest, highest] : [highest, lowest];
  return [orGap(values[first]), orGap(values[second])];
}

function meanOf(values: Float64Array, start: number, end: number): number | null {
  let [sum, count] = [0, 0];
  for (let row = start; row < end; row += 1) {
    const value = values[row] ?? Number.NaN;
    if (Number.isNaN(value)) continue;
    sum += value;
    count += 1;
  }
  return count === 0 ? null : sum / count;
}

function markPoints(
  { anomalies = new Uint32Array() }: ColumnTable,
  xAt: (row: number) => number,
  ys: readonly Float64Array[],
  from: number,
  to: number,
): MarkedPoints {
  const first = firstRow(anomalies.length, (index) => (anomalies[index] ?? 0) >= from);
  const last = firstRow(anomalies.length, (index) => (anomalies[index] ?? 0) >= to);
  const count = last - first;
  const step = Math.max(1, count / MAX_MARKS);
  const rows = Array.from(
    { length: Math.min(count, MAX_MARKS) },
    (_, index) => anomalies[first + Math.floor(index * step)] ?? 0,
  );
  return { count, x: rows.map(xAt), ys: ys.map((values) => rows.map((row) => orGap(values[row]))) };
}

function orGap(value: number | undefined): number | null {
  return value === undefined || Number.isNaN(value) ? null : value;
}
