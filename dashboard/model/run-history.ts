// What happened in a run, from its first event on, and how it stood after any of them. The events go through the
// engine's own fold, so that a page and the command line cannot disagree.
import type { RunEvent } from "../../src/engine/events.ts";
import { createRunState, type RunState } from "../../src/engine/state.ts";
import { apply } from "../../src/engine/transitions.ts";
import { createGraph } from "../../src/graph/graph.ts";
import type { Workflow, WorkflowNode } from "../../src/workflow/workflow.ts";
import type { RunView } from "../api/shapes.ts";
import { copyRunState } from "./copy-run-state.ts";

/** What a history has to know of a run beside its events. */
export type RunShape = Pick<RunView, "run_id" | "workflow" | "definition_hash"> & {
  readonly nodes: readonly Pick<RunView["nodes"][number], "id" | "upstream">[];
};

/** The events of a run in their order, and the states that they tell. */
export interface RunHistory {
  readonly events: readonly RunEvent[];
  /**
   * Where each event stands in time, in milliseconds since the epoch: as it says, and where a clock was set back as the
   * one before it, for a time that goes to and fro cannot be drawn.
   */
  readonly instants: readonly number[];
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

/** Copies of the state are kept so far apart, and farther where each of them is larger. */
const LEAST_BETWEEN_COPIES = 1_000;

/** @param events from the first on, without a gap */
export function createRunHistory(run: RunShape, events: readonly RunEvent[]): RunHistory {
  const workflow = workflowOf(run);
  const all: RunEvent[] = [];
  const instants: number[] = [];
  const start = (): RunState => createRunState(run.run_id, workflow);
  // Two folds: one stands at the end, where each event is folded in as it comes. The other one is moved by whoever looks
  // at the past: a step on is one event, and a step back begins at the last copy before it.
  const present = { state: start(), folded: 0 };
  const past = { state: start(), folded: 0 };
  const copies: RunState[] = [copyRunState(past.state)];
  const every = Math.max(LEAST_BETWEEN_COPIES, 2 * run.nodes.length);

  function push(event: RunEvent): void {
    all.push(event);
    instants.push(Math.max(instants.at(-1) ?? Number.NEGATIVE_INFINITY, Date.parse(event.at)));
  }

  /** As it stands in time. */
  function eventAt(index: number): RunEvent {
    const [event, instant] = [all[index] as RunEvent, instants[index] ?? 0];
    return Date.parse(event.at) < instant ? { ...event, at: new Date(instant).toISOString() } : event;
  }

  function goOn(fold: { readonly state: RunState; folded: number }, count: number): RunState {
    for (; fold.folded < count; fold.folded += 1) apply(fold.state, eventAt(fold.folded));
    return fold.state;
  }

  function goBackOrOn(count: number): RunState {
    if (count < past.folded) {
      const copy = Math.min(copies.length - 1, Math.floor(count / every));
      past.state = copyRunState(copies[copy] as RunState);
      past.folded = copy * every;
    }
    for (let next = copies.length * every; next <= count; next += every) {
      if (past.folded <= next) copies.push(copyRunState(goOn(past, next)));
    }
    return goOn(past, count);
  }

  for (const event of events) push(event);
  return {
    events: all,
    instants,
    add(event) {
      const expected = (all.at(-1)?.seq ?? 0) + 1;
      if (event.seq < expected) return true;
      if (event.seq > expected) return false;
      push(event);
      return true;
    },
    stateAt: (count) => (count >= all.length ? goOn(present, all.length) : goBackOrOn(Math.max(0, count))),
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
