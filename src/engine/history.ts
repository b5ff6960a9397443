import type { Workflow } from "../workflow/workflow.ts";

/** What every history must keep, whatever crashed when. Shared by unit tests, crash tests and `busbar doctor`. */
export const HISTORY_RULES = {
  sequence: "seq counts 1, 2, 3 … and run_id stays the same",
  creation: "run.created is the first event and stands once",
  ownership: "the epoch rises by one at a time and never falls; run.resumed raises it (E6)",
  terminal: "nothing follows run.succeeded; after run.failed or run.cancelled only run.resumed follows (E5)",
  start: "run.started stands once, and no attempt starts before it",
  join: "an attempt starts only when every upstream node has succeeded (E1)",
  single: "a node has at most one attempt outstanding (E2)",
  final: "nothing happens to a settled node, but that a resume resets one that did not succeed (E3)",
  attempts: "attempts count 1, 2, 3 … and outcomes name the one that is outstanding",
  reused:
    "what is kept of another run stands right after run.created of a run with a source, with all that it depends on",
  key: "every attempt of a round has the idempotency key <run_id>/<node_id>/<round>",
  retry: "a failed attempt has retry_at, or the next event settles its node; max_attempts is kept",
  paused: "no attempt starts between run.paused and run.unpaused, which take turns; a run that ends is paused no more",
  stopped: "no attempt starts after a cancel request, nor after a failed node under on_failure: stop",
  reset:
    "a resume resets all failed, cancelled and skipped nodes, with a changed file also unsettled ones, and no other",
  recovery:
    "a recovery resets nothing, follows no end, and is none after three that had something at work without an outcome since",
  end: "a run ends when every node has settled, as they have settled; only a failed preflight ends it earlier",
} as const;

/** The name of a rule that every history keeps. */
export type HistoryRule = keyof typeof HISTORY_RULES;

/** A rule that a history breaks. */
export interface Violation {
  readonly rule: HistoryRule;
  readonly seq: number;
  readonly message: string;
}

export type Settled = "succeeded" | "failed" | "skipped" | "cancelled";

/** What the rules remember of a node. */
export interface NodeHistory {
  settled: Settled | undefined;
  attempts: number;
  outstanding: boolean;
  round: number;
  failures: number;
}

/** What the rules remember of a run up to an event. */
export interface History {
  readonly nodes: Map<string, NodeHistory>;
  readonly dropped: Map<string, NodeHistory>;
  readonly settledCounts: { [settled in Settled]: number };
  workflow: Workflow | undefined;
  /** Positions in `workflow`. */
  positions: ReadonlyMap<string, number>;
  epoch: number;
  started: boolean;
  cancelRequested: boolean;
  paused: boolean;
  /** Nothing but run.created, with a source, and what is kept of that has come so far. */
  isReusing: boolean;
  ended: "succeeded" | "failed" | "cancelled" | undefined;
  /** Whether an attempt started since the run was created or resumed. */
  called: boolean;
  /** Since the last outcome or resume: recoveries that had something at work, and whether the last one has had nothing. */
  recoveries: number;
  hasIdleRecovery: boolean;
  /** The node whose attempt has just failed for good: the next event must settle it. */
  mustSettle: string | undefined;
}

export type Report = (rule: HistoryRule, message: string) => void;

export function createHistory(): History {
  return {
    nodes: new Map(),
    dropped: new Map(),
    settledCounts: { succeeded: 0, failed: 0, skipped: 0, cancelled: 0 },
    workflow: undefined,
    positions: new Map(),
    epoch: 0,
    started: false,
    cancelRequested: false,
    paused: false,
    isReusing: false,
    ended: undefined,
    called: false,
    recoveries: 0,
    hasIdleRecovery: false,
    mustSettle: undefined,
  };
}

export function nodeHistory(history: History, id: string): NodeHistory {
  const known = history.nodes.get(id);
  if (known !== undefined) return known;
  const node: NodeHistory = { settled: undefined, attempts: 0, outstanding: false, round: 1, failures: 0 };
  history.nodes.set(id, node);
  return node;
}
