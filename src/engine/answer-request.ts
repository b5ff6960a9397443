import { abortAll } from "./attempts.ts";
import type { Machine } from "./machine.ts";
import { driveToEnd } from "./phases.ts";
import type { AskedRequest, RequestAnswer } from "./requests.ts";
import { cancelRun } from "./settle.ts";
import { isTerminalRun } from "./status.ts";
import { answer, type Turn } from "./turn.ts";

/** Answers a request, once however often it is brought. */
export function answerRequest(machine: Machine, turn: Turn, request: AskedRequest): void {
  if (isAnswered(machine, request)) return;
  machine.answered.add(request.id);
  const { state } = turn;
  if (isTerminalRun(state.status)) {
    const message = `run ${state.runId} has ended: ${state.status}`;
    return answer(turn, request.id, { kind: "refused", error: { code: "RUN_ALREADY_ENDED", message } });
  }
  if (!isKnownRequest(request)) return answer(turn, request.id, refuseUnknownRequest(state.runId, request));
  if (state.cancelRequested === undefined) cancel(machine, turn, request);
  answer(turn, request.id, { kind: "applied", seq: state.cancelRequested ?? state.lastSeq });
}

/** A later version may ask what this one does not know. */
export function isKnownRequest({ kind }: AskedRequest): boolean {
  return kind === "cancel";
}

export function refuseUnknownRequest(runId: string, { kind }: AskedRequest): RequestAnswer {
  const message = `run ${runId} cannot be asked to ${kind}`;
  return { kind: "refused", error: { code: "REQUEST_UNKNOWN", message } };
}

/** Whoever resumed the run wants it to go on, whatever was asked before. */
export function supersede(machine: Machine, turn: Turn, request: AskedRequest): void {
  machine.answered.add(request.id);
  const message = `run ${turn.state.runId} was resumed after this was asked`;
  answer(turn, request.id, { kind: "refused", error: { code: "REQUEST_SUPERSEDED", message } });
}

function isAnswered({ answered, answeredUpTo }: Machine, { id }: AskedRequest): boolean {
  return id <= answeredUpTo || answered.has(id);
}

function cancel(machine: Machine, turn: Turn, { by, reason }: AskedRequest): void {
  cancelRun(turn, by, reason);
  driveToEnd(machine, turn);
  abortAll(machine, turn, "cancel");
}
