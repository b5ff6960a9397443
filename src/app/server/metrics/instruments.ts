import type { Metric, Sample } from "../../../ports/metrics.ts";

/** Something that is read as one metric. */
export interface Instrument {
  read(): Metric;
}

/** Grows, by one value of one label each. */
export interface Counter extends Instrument {
  add(value: string): void;
}

/** @param values those that are there from the beginning, as 0 */
export function createCounter(name: string, help: string, label: string, values: readonly string[]): Counter {
  const counts = new Map(values.map((value) => [value, 0]));
  return {
    add: (value) => counts.set(value, (counts.get(value) ?? 0) + 1),
    read: () => ({
      ...{ name, help, type: "counter" },
      samples: [...counts].map(([value, count]) => ({ labels: { [label]: value }, value: count })),
    }),
  };
}

/** Sorts durations into ranges. */
export interface Histogram extends Instrument {
  /** @param value of the label, where it has one */
  observe(seconds: number, value?: string): void;
}

export interface HistogramOptions {
  /** Upper ends of the ranges, in seconds, ascending. */
  readonly buckets: readonly number[];
  readonly label?: string;
}

interface Series {
  /** One more than there are buckets: the last is of what is longer. */
  readonly counts: number[];
  sum: number;
}

export function createHistogram(name: string, help: string, { buckets, label }: HistogramOptions): Histogram {
  const series = new Map<string, Series>();
  const seriesOf = (value: string): Series => {
    const known = series.get(value) ?? { counts: new Array<number>(buckets.length + 1).fill(0), sum: 0 };
    series.set(value, known);
    return known;
  };
  if (label === undefined) seriesOf("");
  return {
    observe(seconds, value = "") {
      const one = seriesOf(value);
      const found = buckets.findIndex((end) => seconds <= end);
      const bucket = found < 0 ? buckets.length : found;
      one.counts[bucket] = (one.counts[bucket] ?? 0) + 1;
      one.sum += seconds;
    },
    read: () => ({
      ...{ name, help, type: "histogram" },
      samples: [...series].flatMap(([value, one]) =>
        samplesOf(one, buckets, label === undefined ? {} : { [label]: value }),
      ),
    }),
  };
}

/** A range holds what all shorter ones hold, too. */
function samplesOf(
  { counts, sum }: Series,
  buckets: readonly number[],
  labels: NonNullable<Sample["labels"]>,
): readonly Sample[] {
  let total = 0;
  const ranges = counts.map((count, index): Sample => {
    total += count;
    return { suffix: "_bucket", labels: { ...labels, le: String(buckets[index] ?? "+Inf") }, value: total };
  });
  return [...ranges, { suffix: "_sum", labels, value: sum }, { suffix: "_count", labels, value: total }];
}

/** What is read when somebody asks. */
export function gauge(name: string, help: string, value: number, type: Metric["type"] = "gauge"): Metric {
  return { name, help, type, samples: [{ value }] };
}
