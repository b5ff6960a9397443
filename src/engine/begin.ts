import { answerRequest, isToEnd, supersede } from "./answer-request.ts";
import { inherit } from "./inherit.ts";
import type { Begun, Created, Resumed, TakenOver } from "./inputs.ts";
import { letGo } from "./let-go.ts";
import type { Machine } from "./machine.ts";
import { prepare } from "./phases.ts";
import { prepareResume, resumedFrom } from "./resume.ts";
import { command, record, type Turn } from "./turn.ts";

/** The run is this owner's from now on. */
export function beginRun(machine: Machine, turn: Turn, { how, preflight }: Begun): void {
  machine.beganMs = turn.facts.monotonicMs;
  let reset: readonly string[] = [];
  if (how.kind === "created") create(turn, how);
  else if (how.kind === "resumed") reset = resume(machine, turn, how);
  else takeOver(machine, turn, how);
  if (how.kind === "taken_over" && !how.requests.some(isToEnd)) return letGo(machine, turn, "asked");
  const { totalTimeoutMs } = turn.state.workflow;
  if (totalTimeoutMs !== undefined) command(turn, { type: "arm", timer: { of: "run" }, ms: totalTimeoutMs });
  const sweeps = how.kind !== "created" && inherit(machine, turn, reset);
  prepare(machine, turn, sweeps, preflight);
}

/** What is kept of another run stands in the same append: there is no moment at which it would be made again. */
function create(turn: Turn, { definitionHash, params, busbarVersion, rerun, at }: Created): void {
  const source = rerun === undefined ? {} : { source: rerun.source };
  const about = { definition_hash: definitionHash, params, busbar_version: busbarVersion, ...source };
  record(turn, { type: "run.created", ...about }, at);
  for (const { nodeId, attempt, output, durationMs, from } of rerun?.kept ?? []) {
    const body = { node_id: nodeId, attempt, output, duration_ms: durationMs, reused_from: from };
    record(turn, { type: "node.succeeded", ...body }, at);
  }
}

/** @returns the nodes that begin anew */
function resume(machine: Machine, turn: Turn, how: Resumed): readonly string[] {
  const { by, workflow, staysPaused = false, superseded, lastRequestId } = how;
  const { state } = turn;
  const reset = prepareResume(state, workflow);
  const definition_hash = state.workflow.definition.hash;
  record(turn, { type: "run.resumed", from: resumedFrom(state), by, reset, definition_hash });
  if (state.paused !== undefined && !staysPaused) record(turn, { type: "run.unpaused", by });
  for (const request of superseded) supersede(machine, turn, request);
  machine.answeredUpTo = lastRequestId;
  return reset;
}

/** A cancel also where the last owner had recorded one itself: recording it again makes the run ours. */
function takeOver(machine: Machine, turn: Turn, { requests, lastRequestId }: TakenOver): void {
  if (requests.some(isToEnd)) turn.state.cancelRequested = undefined;
  for (const one of requests) answerRequest(machine, turn, one);
  machine.answeredUpTo = lastRequestId;
}
