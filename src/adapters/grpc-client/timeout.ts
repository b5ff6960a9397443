const UNITS = [
  ["n", 1e-6],
  ["u", 1e-3],
  ["m", 1],
  ["S", 1000],
  ["M", 60_000],
  ["H", 3_600_000],
] as const;

/** At most eight digits (doc/PROTOCOL-HTTP2.md). */
const MAX_DIGITS_VALUE = 99_999_999;

/**
 * `grpc-timeout`: in the finest unit from milliseconds on that holds it, rounded up, so that the server does not give
 * up before we do. Below a millisecond in microseconds; 0 and less as one nanosecond.
 */
export function encodeTimeout(timeoutMs: number): string {
  if (timeoutMs <= 0) return "1n";
  const whole = Math.ceil(timeoutMs);
  if (timeoutMs >= 1 && whole <= MAX_DIGITS_VALUE) return `${whole}m`;
  for (const [unit, ms] of timeoutMs < 1 ? UNITS.slice(1) : UNITS.slice(3)) {
    const value = Math.ceil(timeoutMs / ms);
    if (value <= MAX_DIGITS_VALUE) return `${value}${unit}`;
  }
  return `${MAX_DIGITS_VALUE}H`;
}
