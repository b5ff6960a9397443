import { createSeededRandom } from "../src/kernel/random.ts";

/** Draws from one seeded stream, in the words a generator needs. */
export interface Draw {
  /** Uniform in [0, 1). */
  next(): number;
  /** A whole number, 0 ≤ n < limit. */
  below(limit: number): number;
  /** A whole number, min ≤ n ≤ max. */
  between(min: number, max: number): number;
  chance(probability: number): boolean;
  pick<T>(values: readonly [T, ...T[]]): T;
  /** One of the keys, as often as its weight says. */
  weighted<K extends string>(weights: { readonly [key in K]: number }): K;
}

/** @param label streams of one seed with different labels are independent of each other */
export function createDraw(seed: number, label: string): Draw {
  const random = createSeededRandom(mix(seed, label));
  const below = (limit: number): number => Math.floor(random.next() * limit);
  return {
    next: () => random.next(),
    below,
    between: (min, max) => min + below(max - min + 1),
    chance: (probability) => random.next() < probability,
    pick: (values) => values[below(values.length)] ?? values[0],
    weighted<K extends string>(weights: { readonly [key in K]: number }): K {
      const entries = Object.entries(weights) as [K, number][];
      let left = random.next() * entries.reduce((sum, [, weight]) => sum + weight, 0);
      for (const [key, weight] of entries) {
        left -= weight;
        if (left < 0) return key;
      }
      throw new RangeError("nothing has a weight");
    },
  };
}

/** FNV-1a over the seed and the label. */
function mix(seed: number, label: string): number {
  return hashText(`${seed}/${label}`, 0x811c9dc5);
}

/** FNV-1a, 32 bits. @param before the hash so far */
export function hashText(text: string, before: number): number {
  let hash = before;
  for (let index = 0; index < text.length; index += 1) {
    hash ^= text.charCodeAt(index);
    hash = Math.imul(hash, 0x01000193);
  }
  return hash >>> 0;
}
