// Whether an index leads past what was not found by it: it says of an entry that it has changed that it is not there, too.
import type { StatementSync } from "node:sqlite";

/** An index whose entries are texts, each of one run. */
export interface RunIndexName {
  readonly index: string;
  readonly column: string;
}

/** The entries before and after a text that an index has not; undefined where they are not those of the table. */
export type FindNeighbours = (
  text: string,
) => { readonly before: readonly string[]; readonly after: readonly string[] } | undefined;

/**
 * The entries before and after one that is not there, by the index and by the table. An entry that has changed still
 * lies where it was, so that whoever looks for what it was comes out beside it. Two of them, since one that has become
 * another sound one is in the wrong place.
 */
export function createNeighbours(
  prepare: (sql: string) => StatementSync,
  { index, column }: RunIndexName,
): FindNeighbours {
  const select = (side: string): string => `
SELECT ${column} AS listed, (SELECT ${column} FROM runs AS row NOT INDEXED WHERE row.n = found.n) AS stored
FROM (SELECT ${column}, n FROM runs INDEXED BY ${index} WHERE ${side} LIMIT 2) AS found`;
  const [selectBefore, selectAfter] = [
    select(`${column} < ? ORDER BY ${column} DESC`),
    select(`${column} > ? ORDER BY ${column}`),
  ];
  const read = (sql: string, text: string): readonly string[] | undefined => {
    const entries: string[] = [];
    for (const { listed, stored } of prepare(sql).all(text)) {
      if (typeof listed !== "string" || listed !== stored) return undefined;
      entries.push(listed);
    }
    return entries;
  };
  return (text) => {
    const [before, after] = [read(selectBefore, text), read(selectAfter, text)];
    if (before === undefined || after === undefined) return undefined;
    const around = [...before.toReversed(), ...after];
    return around.some((entry, at) => at > 0 && entry <= (around[at - 1] ?? "")) ? undefined : { before, after };
  };
}
