import type { TreePath } from "../../kernel/diagnostics.ts";

/**
 * Where the reader stands in the tree, as a list from the inside out. Cheap to extend for each of 100,000
 * nodes; turned into a path only for a diagnostic. The top is `undefined`.
 */
export interface Place {
  readonly up: Place | undefined;
  readonly key: string | number;
}

export function placeAt(up: Place | undefined, key: string | number): Place {
  return { up, key };
}

export function pathOf(place: Place | undefined): TreePath {
  const path: (string | number)[] = [];
  for (let at = place; at !== undefined; at = at.up) path.push(at.key);
  return path.reverse();
}
