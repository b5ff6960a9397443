/** What a process holds at one moment, garbage aside. Bytes. */
export interface Sample {
  /** Made so far. */
  readonly calls: number;
  /** Objects of JavaScript. */
  readonly heap: number;
  /** Buffers and the like, outside the heap. */
  readonly external: number;
  /** All of the process that lies in memory. */
  readonly rss: number;
}

export type Measure = "heap" | "external" | "rss";

/**
 * What the later half may add: 100,000 calls are to notice a leak of some words a call, a million one of two bytes.
 *
 * Heap and external memory are exact after a collection: they moved by 0.1 MB at most between two samples. 1 MB over
 * 50,000 calls are 20 bytes a call, less than the smallest object with a place that holds it.
 *
 * RSS counts by pages what malloc and V8 hold ready: in a million calls it went up and down by steps of 1 to 2 MB, on
 * busy machines by one of 8 or 16 MB, and stayed there. 16 MB over 50,000 calls are 320 bytes a call, less than what
 * nghttp2 and Node keep outside the heap for a stream.
 */
export const MAX_GROWTH: Readonly<Record<Measure, number>> = { heap: 1e6, external: 1e6, rss: 16e6 };

/**
 * How much the later half of the calls has added: the median of the slopes between each two of its samples, so that
 * one sample that is off, or a step up and down again, changes nothing. Nor does one large step that stays: it counts
 * as what other tenths have added, since a leak adds in each.
 *
 * @param samples at equal distances, the first before any call
 */
export function growthOf(samples: readonly Sample[], measure: Measure): number {
  const held = samples.slice(Math.floor(samples.length / 2)).map((sample) => sample[measure]);
  const added = held.slice(1).map((now, at) => now - (held[at] ?? now));
  added[added.indexOf(Math.max(...added))] = medianOf(added);
  const slopes = added.flatMap((_, from) => {
    let sum = 0;
    return added.slice(from).map((more, at) => {
      sum += more;
      return sum / (at + 1);
    });
  });
  return medianOf(slopes) * added.length;
}

function medianOf(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return ((sorted[(sorted.length - 1) >> 1] ?? 0) + (sorted[sorted.length >> 1] ?? 0)) / 2;
}
