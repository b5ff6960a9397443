// Which nodes a failed preflight speaks of: none of them was called, yet they are where to look.
import type { Finding } from "../../src/engine/finding.ts";
import type { RunState } from "../../src/engine/state.ts";
import { isTerminalRun } from "../../src/engine/status.ts";

/** Of the run's nodes what this needs: which service each calls. */
interface Calling {
  readonly id: string;
  readonly service?: { readonly name: string } | undefined;
}

/** What the preflight found of a node, where that is what stops the run. */
export function findingOf(node: Calling | undefined, { findings }: Pick<RunState, "findings">): Finding | undefined {
  if (node === undefined) return undefined;
  const isOfNode = (finding: Finding): boolean =>
    finding.service === undefined ? finding.node === node.id : finding.service === node.service?.name;
  return findings.find((finding) => finding.severity === "error" && isOfNode(finding));
}

/** Where to look first: the first node that failed, or the first that could not be called. */
export function firstInTrouble(nodes: readonly Calling[], state: RunState): string | undefined {
  return state.firstFailure?.nodeId ?? nodes.find((node) => findingOf(node, state) !== undefined)?.id;
}

/** What a run that has ended leaves pending is not to be waited for. */
export function isNotCalled(status: string, run: Pick<RunState, "status">): boolean {
  return status === "pending" && isTerminalRun(run.status);
}
