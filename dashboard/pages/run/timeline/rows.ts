import type { NodeState } from "../../../../src/engine/state.ts";

/**
 * The rows of the timeline: first what another run had done already, then nodes by the time of their first attempt,
 * then those that have not started, as the file has them. A node keeps its place among those that have started.
 *
 * @param find only nodes that have it in their names
 */
export function rowsOf(nodes: readonly NodeState[], find = ""): readonly NodeState[] {
  const wanted = find.trim().toLowerCase();
  const found = wanted === "" ? [...nodes] : nodes.filter(({ id }) => id.toLowerCase().includes(wanted));
  return found.sort(byStart);
}

function byStart(a: NodeState, b: NodeState): number {
  const [first, second] = [startOf(a), startOf(b)];
  return first < second ? -1 : first > second ? 1 : a.position - b.position;
}

/** Times of one form have the order of their texts. */
function startOf(node: NodeState): string {
  return node.attempts[0]?.startedAt ?? (node.reusedFrom === undefined ? "~" : "");
}

/** What a row says of a node in words, where no bar does. */
export function noteOf(node: NodeState): string | undefined {
  if (node.reusedFrom !== undefined) return `kept of ${node.reusedFrom}`;
  if (node.status === "skipped")
    return node.because === undefined ? "skipped: the run stopped" : `skipped: ${node.because}`;
  if (node.status === "cancelled" && node.attempts.length === 0) return "cancelled before it started";
  return undefined;
}
