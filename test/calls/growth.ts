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
 * RSS counts by pages what malloc and V8 hold ready: in a million calls it went up and down by steps of 1 to 2 MB, on a
 * busy machine by one of 8 MB, and stayed there. 16 MB over 50,000 calls are 320 bytes a call, less than what nghttp2
 * and Node keep outside the heap for a stream.
 */
export const MAX_GROWTH: Readonly<Record<Measure, number>> = { heap: 1e6, external: 1e6, rss: 16e6 };

/**
 * How much the later half of the calls has added: the median of the slopes between each two of its samples, so that
 * one sample that is off, or a step up and down again, changes nothing.
 *
 * @param samples at equal distances, the first before any call
 */
export function growthOf(samples: readonly Sample[], measure: Measure): number {
  const later = samples.slice(Math.floor(samples.length / 2));
  const slopes = later.flatMap((from, at) =>
    later.slice(at + 1).map((to) => (to[measure] - from[measure]) / (to.calls - from.calls)),
  );
  slopes.sort((a, b) => a - b);
  const median = ((slopes[(slopes.length - 1) >> 1] ?? 0) + (slopes[slopes.length >> 1] ?? 0)) / 2;
  return median * ((later.at(-1)?.calls ?? 0) - (later[0]?.calls ?? 0));
}
