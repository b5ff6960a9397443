import { answerRequest, supersede } from "./answer-request.ts";
import { inherit } from "./inherit.ts";
import type { Begun, Created, Resumed, TakenOver } from "./inputs.ts";
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
  const { totalTimeoutMs } = turn.state.workflow;
  if (totalTimeoutMs !== undefined) command(turn, { type: "arm", timer: { of: "run" }, ms: totalTimeoutMs });
  const sweeps = how.kind !== "created" && inherit(machine, turn, reset);
  prepare(machine, turn, sweeps, preflight);
}

function create(turn: Turn, { definitionHash, params, busbarVersion, at }: Created): void {
  record(turn, { type: "run.created", definition_hash: definitionHash, params, busbar_version: busbarVersion }, at);
}

/** @returns the nodes that begin anew */
function resume(machine: Machine, turn: Turn, { by, workflow, superseded, lastRequestId }: Resumed): readonly string[] {
  const { state } = turn;
  const reset = prepareResume(state, workflow);
  const definition_hash = state.workflow.definition.hash;
  record(turn, { type: "run.resumed", from: resumedFrom(state), by, reset, definition_hash });
  for (const request of superseded) supersede(machine, turn, request);
  machine.answeredUpTo = lastRequestId;
  return reset;
}

/** Also where the last owner had recorded a cancel itself: recording it again makes the run ours. */
function takeOver(machine: Machine, turn: Turn, { request, others, lastRequestId }: TakenOver): void {
  turn.state.cancelRequested = undefined;
  for (const one of [request, ...others]) answerRequest(machine, turn, one);
  machine.answeredUpTo = lastRequestId;
}
