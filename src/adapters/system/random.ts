import type { Random } from "../../kernel/random.ts";

/** Draws from the engine's own generator: for jitter, not for secrets. */
export function createSystemRandom(): Random {
  return { next: () => Math.random() };
}
