const UNITS = ["kB", "MB", "GB", "TB", "PB"];

/** An amount of bytes for people, in powers of 1000: `512 bytes`, `1.5 kB`, `16.8 MB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} byte${bytes === 1 ? "" : "s"}`;
  let amount = bytes / 1000;
  let unit = 0;
  // What would be rounded to 1000.0 is one of the next unit.
  while (amount >= 999.95 && unit < UNITS.length - 1) {
    amount /= 1000;
    unit += 1;
  }
  return `${amount.toFixed(1)} ${UNITS[unit]}`;
}
