import { whyNode } from "../../../../../src/cli/render/why.ts";
import type { Limit, NodeReason } from "../../../../../src/engine/explanation.ts";
import type { NodeState } from "../../../../../src/engine/state.ts";
import { isSettledNode } from "../../../../../src/engine/status.ts";
import type { RunView } from "../../../../api/shapes.ts";

/** Reasons that are about an attempt: where the events are further on than the explanation, they hold no more. */
const NEEDS: { readonly [kind: string]: NodeState["status"] } = {
  running: "running",
  recovery: "running",
  retry: "waiting",
  due: "waiting",
  upstream: "pending",
  starting: "pending",
};

/**
 * Why a node that has not settled stands where it stands, in the words of `busbar explain`.
 * @returns undefined where there is nothing to explain, or nothing that holds at the instant that is shown
 */
export function nodeWhy(run: Pick<RunView, "explanation">, node: NodeState, isPast: boolean): string | undefined {
  if (isSettledNode(node.status)) return undefined;
  if (isPast) return node.status === "waiting" ? waitOf(node) : undefined;
  const { nodes, limits } = run.explanation;
  // The types of the API are looser than those of the engine, whose shapes it passes on.
  const reason = nodes.find(({ id }) => id === node.id)?.reason as NodeReason | undefined;
  if (reason === undefined || (NEEDS[reason.kind] ?? node.status) !== node.status) return undefined;
  // All that it waits for stands below.
  if (reason.kind === "upstream" && reason.waits_for.length === node.upstream.length) return undefined;
  const words = whyNode(reason, limits as readonly Limit[]);
  const why = reason.kind === "running" ? `running ${words}` : words;
  return `${why.charAt(0).toUpperCase()}${why.slice(1)}.`;
}

/** Of the past only what had been recorded by then is known. */
function waitOf({ attempts }: NodeState): string | undefined {
  const retryAt = attempts.at(-1)?.retryAt;
  return retryAt === undefined ? undefined : `Is tried again at ${retryAt.slice(11, 23)}.`;
}
