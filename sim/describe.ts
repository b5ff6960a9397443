import type { Abilities, Action, Call, NodePlan, Plan, RunPlan } from "./plan.ts";

/** A plan as lines that a person can follow. */
export function describePlan(plan: Plan): readonly string[] {
  return [
    `${plan.owners} owners${plan.maxRuns === undefined ? "" : `, each with ${plan.maxRuns} runs at once`}; grpc ${abilities(plan.executors.grpc)}; docker ${abilities(plan.executors.docker)}`,
    ...plan.runs.flatMap(describeRun),
    ...plan.actions.map((action) => `  ${String(action.atMs).padStart(5)} ms  ${describeAction(plan, action)}`),
  ];
}

function abilities(all: Abilities): string {
  const names = Object.entries(all).flatMap(([name, has]) => (has ? [name] : []));
  return names.length === 0 ? "executes only" : `has ${names.join(", ")}`;
}

function describeRun(run: RunPlan): readonly string[] {
  const said = [
    `max_parallel ${run.maxParallel}`,
    `on_failure ${run.onFailure}`,
    ...(run.maxConcurrency === undefined ? [] : [`max_concurrency ${run.maxConcurrency}`]),
    ...(run.concurrency === undefined ? [] : [`concurrency ${JSON.stringify(run.concurrency)}`]),
    ...(run.totalTimeoutMs === undefined ? [] : [`at most ${run.totalTimeoutMs} ms`]),
    ...(run.preflights.length === 0
      ? []
      : [`preflight ${run.preflights.map((one) => `${one.kind} after ${one.afterMs}`).join(", ")}`]),
  ];
  const edges = run.edges.map(([from, to]) => `${run.nodes[from]?.id} > ${run.nodes[to]?.id}`);
  const made = run.rerunOf === undefined ? "" : ` (of run ${run.rerunOf})`;
  return [
    `${run.id}${made}: ${said.join(", ")}${edges.length === 0 ? "" : `; ${edges.join("; ")}`}`,
    ...run.nodes.map(describeNode),
  ];
}

function describeNode(node: NodePlan): string {
  const said = [
    `${node.timeoutMs} ms`,
    `${node.maxAttempts} attempts after ${node.backoffMs} ms`,
    `on_lost ${node.onLost}`,
    ...(node.totalTimeoutMs === undefined ? [] : [`${node.totalTimeoutMs} ms in all`]),
    ...(node.calls.length === 0 ? [] : [`calls: ${node.calls.map(describeCall).join(", ")}`]),
    ...(node.recoveries.length === 0 ? [] : [`recover: ${node.recoveries.join(", ")}`]),
  ];
  return `  ${node.id} (${node.kind}): ${said.join("; ")}`;
}

function describeCall(call: Call): string {
  const { kind, ...rest } = call;
  return [kind, ...Object.entries(rest).map(([key, value]) => `${key} ${value}`)].join(" ");
}

function describeAction(plan: Plan, action: Action): string {
  const { atMs: _, kind, ...said } = action;
  const rest = "run" in said ? { ...said, run: plan.runs[said.run]?.id } : said;
  return [
    kind,
    ...Object.entries(rest).map(
      ([key, value]) => `${key} ${typeof value === "object" ? JSON.stringify(value) : value}`,
    ),
  ].join(" ");
}
