/**
 * Which nodes can be reached, the starts included.
 * @param links `graph.downstream` for all that follows, `graph.upstream` for all ancestors
 * @returns one flag per position
 */
export function reachableFrom(links: readonly (readonly number[])[], starts: Iterable<number>): Uint8Array {
  const reached = new Uint8Array(links.length);
  const stack: number[] = [];
  const visit = (position: number): void => {
    if (reached[position] !== 0) return; // also outside the graph, where it is undefined
    reached[position] = 1;
    stack.push(position);
  };
  for (const start of starts) visit(start);
  for (let position = stack.pop(); position !== undefined; position = stack.pop()) {
    for (const next of links[position] ?? []) visit(next);
  }
  return reached;
}
