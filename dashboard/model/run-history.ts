// What happened in a run, from its first event on, and how it stood after any of them. The events go through the
// engine's own fold, so that a page and the command line cannot disagree.
import type { RunEvent } from "../../src/engine/events.ts";
import { createRunState, type RunState } from "../../src/engine/state.ts";
import { apply } from "../../src/engine/transitions.ts";
import { createGraph } from "../../src/graph/graph.ts";
import type { Workflow, WorkflowNode } from "../../src/workflow/workflow.ts";
import type { RunView } from "../api/shapes.ts";

/** What a history has to know of a run beside its events. */
export type RunShape = Pick<RunView, "run_id" | "workflow" | "definition_hash"> & {
  readonly nodes: readonly Pick<RunView["nodes"][number], "id" | "upstream">[];
};

/** The events of a run in their order, and the states that they tell. */
export interface RunHistory {
  readonly events: readonly RunEvent[];
  /**
   * Adds what follows; an event that is there already is left out.
   * @returns false where events between the last one and this one are missing: it has not been added
   */
  add(event: RunEvent): boolean;
  /**
   * How the run stood after that many events. The state is this history's: it holds until the next `add` or `stateAt`,
   * and nobody else changes it.
   * @param count 0 to `events.length`
   */
  stateAt(count: number): RunState;
}

/** @param events from the first on, without a gap */
export function createRunHistory(run: RunShape, events: readonly RunEvent[]): RunHistory {
  const workflow = workflowOf(run);
  const all = [...events];
  // Two folds: one stands at the end, where each event is folded in as it comes. The other one is moved by whoever looks
  // at the past, mostly a step on; a step back folds anew from the beginning.
  const present = createFold();
  const past = createFold();

  function createFold() {
    let state = createRunState(run.run_id, workflow);
    let folded = 0;
    return (count: number): RunState => {
      if (count < folded) {
        state = createRunState(run.run_id, workflow);
        folded = 0;
      }
      for (; folded < count; folded += 1) apply(state, all[folded] as RunEvent);
      return state;
    };
  }

  return {
    events: all,
    add(event) {
      const expected = (all.at(-1)?.seq ?? 0) + 1;
      if (event.seq < expected) return true;
      if (event.seq > expected) return false;
      all.push(event);
      return true;
    },
    stateAt: (count) => (count >= all.length ? present(all.length) : past(Math.max(0, count))),
  };
}

/** As much of a workflow as a fold looks at: ids and edges. All else of it is not told with a run, or not needed. */
function workflowOf({ workflow, definition_hash, nodes }: RunShape): Workflow {
  const ids = nodes.map(({ id }) => id);
  const positions = new Map(ids.map((id, position) => [id, position]));
  const edges = nodes.flatMap(({ upstream }, to) =>
    upstream.flatMap((id) => {
      const from = positions.get(id);
      return from === undefined ? [] : [[from, to] as const];
    }),
  );
  return {
    name: workflow,
    definition: { hash: definition_hash, text: "", format: "json" },
    nodes: ids.map((id) => ({ id }) as WorkflowNode),
    graph: createGraph(ids, edges),
    services: new Map(),
    params: new Map(),
    maxParallel: 1,
    onFailure: "stop",
    warnings: [],
  };
}
