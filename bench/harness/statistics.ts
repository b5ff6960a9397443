/** Median and quartiles of some numbers. */
export interface Spread {
  readonly median: number;
  readonly q1: number;
  readonly q3: number;
}

/** Quartiles by linear interpolation between the sorted values (Hyndman and Fan's type 7, the default of R and NumPy). */
export function spreadOf(values: readonly number[]): Spread {
  if (values.length === 0) throw new Error("no values to summarise");
  const sorted = values.toSorted((a, b) => a - b);
  const at = (fraction: number): number => {
    const rank = (sorted.length - 1) * fraction;
    const below = sorted[Math.floor(rank)] ?? Number.NaN;
    const above = sorted[Math.ceil(rank)] ?? Number.NaN;
    return below + (above - below) * (rank - Math.floor(rank));
  };
  return { median: at(0.5), q1: at(0.25), q3: at(0.75) };
}
