let lastSecond = { second: Number.NaN, text: "" };

/**
 * RFC 3339 UTC with milliseconds.
 *
 * Every event has one, so the text up to the second is made once a second.
 *
 * @param ms milliseconds since 1970, of the wall clock
 */
export function timestampOf(ms: number): string {
  const second = Math.floor(ms / 1000);
  if (lastSecond.second !== second) {
    lastSecond = { second, text: new Date(second * 1000).toISOString().slice(0, -"000Z".length) };
  }
  return `${lastSecond.text}${String(Math.floor(ms) - second * 1000).padStart(3, "0")}Z`;
}

/** @returns milliseconds since 1970, or NaN of a text that is no timestamp, or of a day that its month does not have */
export function parseTimestamp(text: string): number {
  const ms = Date.parse(text);
  const [day] = DAY.exec(text) ?? [];
  return day === undefined || isDay(day) ? ms : Number.NaN;
}

const DAY = /^\d{4}-\d\d-\d\d/;

/** `Date.parse` takes 31 February for 3 March. */
function isDay(day: string): boolean {
  const ms = Date.parse(day);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(day);
}
