/** The seeds from 1 on, or the one that BUSBAR_SEED asks for. */
export function seedsOf(count: number): readonly number[] {
  const { BUSBAR_SEED: seed } = process.env;
  return seed === undefined ? Array.from({ length: count }, (_, index) => 1 + index) : [Number(seed)];
}
