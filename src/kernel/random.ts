/** Uniform draws in [0, 1), passed in so that a test can replay them. */
export interface Random {
  next(): number;
}

/** A seeded generator (mulberry32): the same seed gives the same draws on every machine. */
export function createSeededRandom(seed: number): Random {
  let state = seed >>> 0;
  return {
    next() {
      state = (state + 0x6d2b79f5) >>> 0;
      let t = state;
      t = Math.imul(t ^ (t >>> 15), t | 1);
      t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
      return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    },
  };
}
