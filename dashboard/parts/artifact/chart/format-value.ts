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

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** A moment (UTC) where the axis is divided. @param stepMs from one division to the next */
export function formatTick(at: number, stepMs: number): string {
  const date = new Date(at);
  const [month, year] = [MONTHS[date.getUTCMonth()] ?? "", date.getUTCFullYear()];
  if (stepMs >= 360 * DAY) return String(year);
  if (stepMs >= 28 * DAY) return date.getUTCMonth() === 0 ? String(year) : month;
  const time = date.toISOString().slice(11, stepMs < 60_000 ? 19 : 16);
  // A day begins with its name.
  return stepMs >= DAY || time.startsWith("00:00") ? `${date.getUTCDate()} ${month}` : time;
}
