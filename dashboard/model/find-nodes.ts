/** Nodes whose ids have the words in them: those first that are it or begin with it, then by where they stand. */
export interface FoundNodes {
  readonly ids: readonly string[];
  /** How many there are, of which `ids` has the first. */
  readonly total: number;
}

/** @param words what is looked for, whatever its case; nothing finds nothing */
export function findNodes(ids: readonly string[], words: string, limit: number): FoundNodes {
  const wanted = words.trim().toLowerCase();
  if (wanted === "") return { ids: [], total: 0 };
  const found = ids
    .map((id) => ({ id, at: id.toLowerCase().indexOf(wanted) }))
    .filter(({ at }) => at >= 0)
    .map(({ id, at }) => ({ id, rank: id.length === wanted.length ? 0 : at === 0 ? 1 : 2 }))
    .sort((one, other) => one.rank - other.rank);
  return { ids: found.slice(0, limit).map(({ id }) => id), total: found.length };
}
