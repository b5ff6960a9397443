import type { Place } from "../tree/place.ts";
import { placeAt } from "../tree/place.ts";
import type { Problems } from "../tree/problems.ts";
import { quote } from "../tree/raw.ts";
import type { Names } from "../tree/read-fields.ts";
import type { NodeDraft } from "./read-nodes.ts";

export interface Edges {
  /** Pairs [from, to] of positions; an edge that both ends name is there twice. */
  readonly list: readonly (readonly [number, number])[];
  /** Like `list`, with those that were probably meant by a misspelt name. */
  readonly probable: readonly (readonly [number, number])[];
}

/** Looks names of nodes up, and reports those that do not exist. */
export interface NodeNames {
  readonly positions: ReadonlyMap<string, number>;
  /** @param key where it is named, for the message: `next_node` */
  find(name: string, key: string, place: Place): { readonly position: number; readonly certain: boolean } | undefined;
}

export function createNodeNames(problems: Problems, positions: ReadonlyMap<string, number>): NodeNames {
  return {
    positions,
    find(name, key, place) {
      const position = positions.get(name);
      if (position !== undefined) return { position, certain: true };
      const suggestion = problems.suggest(name, positions.keys());
      const message = name === "" ? `${key} is empty` : `${key} ${quote(name)} does not exist`;
      problems.add("WORKFLOW_UNKNOWN_NODE", message, place, { suggestion });
      const meant = suggestion === undefined ? undefined : positions.get(suggestion);
      return meant === undefined ? undefined : { position: meant, certain: false };
    },
  };
}

/** The union of what `next_node` and `depends_on` say (semantics.md, "Edges"). */
export function readEdges(problems: Problems, nodes: readonly NodeDraft[], names: NodeNames): Edges {
  const list: (readonly [number, number])[] = [];
  const guessed: (readonly [number, number])[] = [];
  nodes.forEach(({ entry, nextNode, dependsOn }, position) => {
    const read = (written: Names | undefined, key: "next_node" | "depends_on"): void => {
      if (written === undefined || written.list.length === 0) return;
      for (const { position: other, certain } of findAll(problems, names, written, key, placeAt(entry.place, key))) {
        (certain ? list : guessed).push(key === "next_node" ? [position, other] : [other, position]);
      }
    };
    read(nextNode, "next_node");
    read(dependsOn, "depends_on");
  });
  return { list, probable: guessed.length === 0 ? list : [...list, ...guessed] };
}

function findAll(
  problems: Problems,
  names: NodeNames,
  written: Names,
  key: string,
  place: Place,
): { readonly position: number; readonly certain: boolean }[] {
  const seen = new Set<string>();
  const found: { readonly position: number; readonly certain: boolean }[] = [];
  written.list.forEach((name, index) => {
    if (name === undefined) return;
    const at = written.single ? place : placeAt(place, index);
    if (seen.has(name)) {
      problems.add("WORKFLOW_DUPLICATE_EDGE", `${key} names ${quote(name)} twice`, at);
      return;
    }
    seen.add(name);
    const one = names.find(name, key, at);
    if (one !== undefined) found.push(one);
  });
  return found;
}
