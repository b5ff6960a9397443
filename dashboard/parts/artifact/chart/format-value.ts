/** A number as axes and readings show it: at most six digits. */
export function formatNumber(value: number): string {
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e9 || size < 1e-4) return value.toExponential(2);
  return Number(value.toPrecision(6)).toLocaleString("en", { maximumFractionDigits: 6 });
}

/** A place on the axis: a moment (ms since the epoch, told in UTC), or the number of a row. */
export function formatX(value: number, isTime: boolean): string {
  return isTime
    ? new Date(value)
        .toISOString()
        .replace("T", " ")
        .replace(/(?:\.000)?Z$/, "")
    : `row ${formatNumber(value)}`;
}
