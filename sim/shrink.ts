import type { Action, NodePlan, Plan, RunPlan } from "./plan.ts";
import { simulate } from "./simulate.ts";

/**
 * The smallest plan found that still fails: parts are dropped for as long as that helps.
 * @param fails whether a plan still fails, and in the same way
 * @param tries how often that may be asked
 */
export async function shrink(plan: Plan, fails: (plan: Plan) => Promise<boolean>, tries = 2000): Promise<Plan> {
  let smallest = plan;
  let left = tries;
  for (let isSmaller = true; isSmaller; ) {
    isSmaller = false;
    for (const candidate of smallerPlans(smallest)) {
      if (left === 0) return smallest;
      left -= 1;
      if (!(await fails(candidate))) continue;
      smallest = candidate;
      isSmaller = true;
      break;
    }
  }
  return smallest;
}

/** @param kind of a failure: two of one kind are one way to fail */
export function failsBy(kind: string): (plan: Plan) => Promise<boolean> {
  return async (plan) => (await simulate(plan)).failure?.kind === kind;
}

/** Each a little smaller, the greatest steps first. */
function* smallerPlans(plan: Plan): Iterable<Plan> {
  const { runs, actions } = plan;
  const starts = runs.filter(({ rerunOf }) => rerunOf === undefined).length;
  for (const index of runs.keys()) {
    if (runs.length > 1 && !runs.some(({ rerunOf }) => rerunOf === index)) yield withoutRun(plan, index);
  }
  for (const [index, action] of actions.entries()) {
    if (action.kind !== "start" || actions.filter((one) => one.kind === "start").length > starts) {
      yield { ...plan, actions: actions.filter((_, other) => other !== index) };
    }
  }
  const highest = plan.owners - 1;
  if (highest > 0) {
    if (!actions.some((action) => "owner" in action && action.owner === highest)) yield { ...plan, owners: highest };
    yield { ...plan, owners: highest, actions: actions.map((action) => movedTo(action, highest, 0)) };
  }
  for (const [index, run] of runs.entries()) {
    for (const smaller of smallerRuns(run)) yield { ...plan, runs: runs.with(index, smaller) };
  }
  if (plan.maxRuns !== undefined) yield without(plan, "maxRuns");
  for (const kind of ["grpc", "docker"] as const) {
    for (const ability of ["recover", "sweep", "release", "preflight"] as const) {
      if (!plan.executors[kind][ability]) continue;
      yield { ...plan, executors: { ...plan.executors, [kind]: { ...plan.executors[kind], [ability]: false } } };
    }
  }
  for (const [index, action] of actions.entries()) {
    if (!("preflight" in action) || !action.preflight) continue;
    yield { ...plan, actions: actions.with(index, { ...action, preflight: false }) };
  }
}

function movedTo(action: Action, from: number, to: number): Action {
  return "owner" in action && action.owner === from ? { ...action, owner: to } : action;
}

function withoutRun(plan: Plan, index: number): Plan {
  const actions = plan.actions
    .filter((action) => !("run" in action) || action.run !== index)
    .map((action) => ("run" in action && action.run > index ? { ...action, run: action.run - 1 } : action));
  const runs = plan.runs
    .filter((_, other) => other !== index)
    .map((run) => (run.rerunOf !== undefined && run.rerunOf > index ? { ...run, rerunOf: run.rerunOf - 1 } : run));
  return { ...plan, runs, actions };
}

function* smallerRuns(run: RunPlan): Iterable<RunPlan> {
  const { nodes, edges, preflights } = run;
  if (nodes.length > 1) for (const index of nodes.keys()) yield withoutNode(run, index);
  for (const index of edges.keys()) yield { ...run, edges: edges.filter((_, other) => other !== index) };
  if (preflights.length > 0) yield { ...run, preflights: preflights.slice(0, -1) };
  if (run.totalTimeoutMs !== undefined) yield without(run, "totalTimeoutMs");
  if (run.maxConcurrency !== undefined) yield without(run, "maxConcurrency");
  if (run.concurrency !== undefined) yield without(run, "concurrency");
  if (run.maxParallel !== 16) yield { ...run, maxParallel: 16 };
  if (run.onFailure !== "stop") yield { ...run, onFailure: "stop" };
  for (const [index, node] of nodes.entries()) {
    for (const smaller of smallerNodes(node)) yield { ...run, nodes: nodes.with(index, smaller) };
  }
}

function withoutNode(run: RunPlan, index: number): RunPlan {
  const place = (at: number): number => (at > index ? at - 1 : at);
  const edges = run.edges.filter((edge) => !edge.includes(index)).map(([a, b]) => [place(a), place(b)] as const);
  return { ...run, nodes: run.nodes.filter((_, other) => other !== index), edges };
}

function* smallerNodes(node: NodePlan): Iterable<NodePlan> {
  if (node.calls.length > 0) yield { ...node, calls: node.calls.slice(0, -1) };
  for (const [index, call] of node.calls.entries()) {
    if (call.kind !== "succeed") yield { ...node, calls: node.calls.with(index, { kind: "succeed", afterMs: 10 }) };
  }
  if (node.recoveries.length > 0) yield { ...node, recoveries: node.recoveries.slice(0, -1) };
  if (node.totalTimeoutMs !== undefined) yield without(node, "totalTimeoutMs");
  if (node.timeoutMs !== 5000) yield { ...node, timeoutMs: 5000 };
  if (node.onLost !== "retry") yield { ...node, onLost: "retry" };
  if (node.maxAttempts !== 1) yield { ...node, maxAttempts: 1 };
  if (node.kind !== "grpc") yield { ...node, kind: "grpc" };
}

function without<T extends object, K extends keyof T>(whole: T, key: K): Omit<T, K> {
  const { [key]: _, ...rest } = whole;
  return rest;
}
