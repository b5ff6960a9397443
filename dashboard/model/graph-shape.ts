// What a graph is to the pages: names and arrows, without states.

/** The nodes of a workflow and the edges between them. An edge whose end is not there is not shown. */
export interface GraphShape {
  readonly ids: readonly string[];
  readonly edges: readonly (readonly [from: string, to: string])[];
}

/** Who stands next to whom. */
export interface GraphLinks {
  upstream(id: string): readonly string[];
  downstream(id: string): readonly string[];
}

/** The neighbours of every node, in the order of the edges. */
export function linksOf({ ids, edges }: GraphShape): GraphLinks {
  const known = new Set(ids);
  const upstream = new Map<string, string[]>();
  const downstream = new Map<string, string[]>();
  for (const [from, to] of edges) {
    if (!known.has(from) || !known.has(to)) continue;
    push(downstream, from, to);
    push(upstream, to, from);
  }
  return { upstream: (id) => upstream.get(id) ?? [], downstream: (id) => downstream.get(id) ?? [] };
}

/** A node with all it waits for and all that waits for it, however far away. */
export function relatedTo(links: GraphLinks, id: string): ReadonlySet<string> {
  return new Set([...reachedBy(links.upstream, id), ...reachedBy(links.downstream, id)]);
}

/** Whether two shapes would be drawn alike. */
export function isSameShape(one: GraphShape, other: GraphShape): boolean {
  return (
    one === other ||
    (one.ids.length === other.ids.length &&
      one.edges.length === other.edges.length &&
      one.ids.every((id, index) => id === other.ids[index]) &&
      one.edges.every(([from, to], index) => from === other.edges[index]?.[0] && to === other.edges[index]?.[1]))
  );
}

function reachedBy(next: (id: string) => readonly string[], id: string): ReadonlySet<string> {
  const reached = new Set([id]);
  // The set is its own queue: it grows while it is read.
  for (const one of reached) for (const other of next(one)) reached.add(other);
  return reached;
}

function push(lists: Map<string, string[]>, key: string, value: string): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}
