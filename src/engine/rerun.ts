import { BusbarError } from "../kernel/errors.ts";
import type { Json } from "../kernel/json.ts";
import { escapeUnseen } from "../kernel/text.ts";
import { diffNodes } from "../workflow/diff.ts";
import { createSuggester } from "../workflow/tree/suggest.ts";
import type { Workflow } from "../workflow/workflow.ts";
import type { RunEvent } from "./events.ts";
import type { RunState } from "./state.ts";

/** An output that a new run takes over from another. Plain JSON. */
export interface KeptOutput {
  readonly nodeId: string;
  /** Of the run whose output it is, as is the duration. */
  readonly attempt: number;
  readonly output: Json;
  readonly durationMs: number;
  /** The run that made it: the source, or one that the source has it from. */
  readonly from: string;
}

/** A run to repeat. */
export interface RerunSource {
  readonly state: RunState;
  /** All of its events. */
  readonly events: readonly RunEvent[];
}

/**
 * What a rerun keeps: the outputs of nodes that succeeded in the source and depend on none that runs again. Those that
 * run again are the ones named, the ones that did not succeed, and all that depends on either.
 *
 * @param workflow of the new run, bound to it
 * @param from     ids of nodes that run again whatever became of them
 * @returns in the order in which they were made
 * @throws BusbarError RERUN_NODE_UNKNOWN, RERUN_NOTHING, RERUN_DIFFERS
 */
export function keepOutputs(
  { state, events }: RerunSource,
  workflow: Workflow,
  from: readonly string[],
): readonly KeptOutput[] {
  const { graph } = workflow;
  const again = new Set<number>();
  const open = from.map((id) => positionOf(workflow, id));
  graph.ids.forEach((id, position) => {
    if (state.nodes.get(id)?.status !== "succeeded") open.push(position);
  });
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (again.has(next)) continue;
    again.add(next);
    open.push(...(graph.downstream[next] ?? []));
  }
  if (again.size === 0) throw refuseNothing(state.runId, workflow);
  const kept = new Set(graph.ids.filter((_, position) => !again.has(position)));
  refuseDifferences(state, workflow, kept);
  return events.flatMap((event) => {
    if (event.type !== "node.succeeded" || !kept.has(event.node_id)) return [];
    const { node_id: nodeId, attempt, output, duration_ms: durationMs, reused_from: from = state.runId } = event;
    return [{ nodeId, attempt, output, durationMs, from }];
  });
}

function positionOf({ graph }: Workflow, id: string): number {
  const position = graph.ids.indexOf(id);
  if (position >= 0) return position;
  const meant = createSuggester()(id, graph.ids);
  const hint = meant === undefined ? "" : `. Did you mean "${escapeUnseen(meant)}"?`;
  throw new BusbarError("RERUN_NODE_UNKNOWN", `the workflow has no node "${escapeUnseen(id)}" to begin with${hint}`);
}

function refuseNothing(runId: string, { graph }: Workflow): BusbarError {
  const starts = graph.ids.filter((_, position) => graph.upstream[position]?.length === 0);
  return new BusbarError(
    "RERUN_NOTHING",
    `every node of run ${runId} has succeeded: say which of them run again (all of them follow from ${starts.map(escapeUnseen).join(", ")})`,
  );
}

function refuseDifferences(state: RunState, workflow: Workflow, kept: ReadonlySet<string>): void {
  const differences = [...diffNodes(state.workflow, workflow, kept).values()].flat();
  if (differences.length === 0) return;
  throw new BusbarError(
    "RERUN_DIFFERS",
    `what would be kept of run ${state.runId} is not the same: ${differences.join("; ")}`,
    { details: { differences } },
  );
}
