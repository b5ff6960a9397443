import { answerRequest, isToEnd, supersede } from "./answer-request.ts";
import { isRunTimedOut } from "./first-cause.ts";
import { inherit } from "./inherit.ts";
import type { Begun, Created, Resumed, TakenOver } from "./inputs.ts";
import { letGo } from "./let-go.ts";
import type { Machine } from "./machine.ts";
import { prepare, runTimeoutError } from "./phases.ts";
import { armRunTimer, queueUp } from "./queue.ts";
import { prepareResume, resumedFrom } from "./resume.ts";
import { record, type Turn } from "./turn.ts";
import { recordedBy } from "./who.ts";

/** The run is this owner's from now on. */
export function beginRun(machine: Machine, turn: Turn, { how, preflight, queues = false }: Begun): void {
  machine.beganMs = turn.facts.monotonicMs;
  let reset: readonly string[] = [];
  if (how.kind === "created") create(turn, how);
  else if (how.kind === "resumed" && how.recovery === true) recover(machine, turn, how);
  else if (how.kind === "resumed") reset = resume(machine, turn, how);
  else takeOver(machine, turn, how);
  if (how.kind === "taken_over" && !how.requests.some(isToEnd)) return letGo(machine, turn, "asked");
  if (queues && how.kind !== "taken_over") queueUp(machine, turn);
  else armRunTimer(machine, turn);
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
  const { workflow, requests, lastRequestId } = how;
  const by = recordedBy(how.by);
  const { state } = turn;
  const reset = prepareResume(state, workflow);
  const definition_hash = state.workflow.definition.hash;
  record(turn, { type: "run.resumed", from: resumedFrom(state), by, reset, definition_hash });
  if (state.paused !== undefined) record(turn, { type: "run.unpaused", by });
  for (const request of requests) supersede(machine, turn, request);
  machine.answeredUpTo = lastRequestId;
  return reset;
}

/** The run goes on as it would have gone; only total timeouts that are not over begin anew. */
function recover(machine: Machine, turn: Turn, { by, requests, lastRequestId }: Resumed): void {
  const { state } = turn;
  const definition_hash = state.workflow.definition.hash;
  if (state.cancelRequested === undefined && isRunTimedOut(state)) machine.timedOut = runTimeoutError(state);
  record(turn, {
    type: "run.resumed",
    from: "interrupted",
    by: recordedBy(by),
    reset: [],
    definition_hash,
    recovery: true,
  });
  for (const request of requests) answerRequest(machine, turn, request);
  machine.answeredUpTo = lastRequestId;
}

/** A cancel also where the last owner had recorded one itself: recording it again makes the run ours. */
function takeOver(machine: Machine, turn: Turn, { requests, lastRequestId }: TakenOver): void {
  if (requests.some(isToEnd)) turn.state.cancelRequested = undefined;
  for (const one of requests) answerRequest(machine, turn, one);
  machine.answeredUpTo = lastRequestId;
}
