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

/**
 * A draw that depends on nothing but its arguments, so that a decision that is made again gets the same draw.
 *
 * @param counter which draw of the seed it is; a whole number
 * @returns uniform in [0, 1)
 */
export function drawAt(seed: number, counter: number): number {
  return createSeededRandom(Math.imul(counter, 0x9e3779b1) ^ seed).next();
}
