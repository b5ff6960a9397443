import type { Random } from "../../src/kernel/random.ts";

/** The values in random order (Fisher and Yates). */
export function shuffled<T>(values: readonly T[], random: Random): readonly T[] {
  const rest = [...values];
  const result: T[] = [];
  while (rest.length > 0) result.push(...rest.splice(Math.floor(random.next() * rest.length), 1));
  return result;
}
