import type { Machine } from "./machine.ts";
import { pauseRun, unpauseRun } from "./pause.ts";
import { endByCancel } from "./phases.ts";
import { type Answer, type AskedRequest, REQUEST_KINDS, type RequestAnswer, type RequestKind } from "./requests.ts";
import type { RunState } from "./state.ts";
import { isTerminalRun } from "./status.ts";
import { answer, type Turn } from "./turn.ts";
import { recordedBy } from "./who.ts";

/** Answers a request, once however often it is brought. */
export function answerRequest(machine: Machine, turn: Turn, request: AskedRequest): void {
  if (isAnswered(machine, request)) return;
  machine.answered.add(request.id);
  answer(turn, request.id, standingAnswer(turn.state, request) ?? follow(machine, turn, request));
}

/** @returns with what followed from the request */
function follow(machine: Machine, turn: Turn, request: AskedRequest): RequestAnswer {
  const by = recordedBy(request.by);
  if (request.kind === "pause") pauseRun(machine, turn, by);
  else if (request.kind === "unpause") unpauseRun(turn, by);
  else {
    endByCancel(machine, turn, by, request.reason);
    return { kind: "applied", seq: turn.state.cancelRequested ?? turn.state.lastSeq };
  }
  return { kind: "applied", seq: turn.state.lastSeq };
}

/** The answer to a request from which nothing follows: it cannot be, or is so already. Undefined: something does. */
function standingAnswer(state: RunState, request: AskedRequest): RequestAnswer | undefined {
  const { runId, status, paused, cancelRequested } = state;
  const refuse = (code: "RUN_ALREADY_ENDED" | "REQUEST_UNKNOWN" | "RUN_NOT_PAUSED", message: string) =>
    ({ kind: "refused", error: { code, message } }) as const;
  if (isTerminalRun(status)) return refuse("RUN_ALREADY_ENDED", `run ${runId} has ended: ${status}`);
  // A later version may ask what this one does not know.
  if (!isKnown(request.kind)) return refuse("REQUEST_UNKNOWN", `run ${runId} cannot be asked to ${request.kind}`);
  if (request.kind === "unpause") {
    return paused === undefined ? refuse("RUN_NOT_PAUSED", `run ${runId} is not paused`) : undefined;
  }
  const seq = request.kind === "pause" ? paused : cancelRequested;
  return seq === undefined ? undefined : { kind: "applied", seq };
}

/**
 * The answers to requests to a run that nobody drives, where no event would follow from any of them: nothing is there
 * to take the run over with. A cancel always ends it.
 */
export function standingAnswers(state: RunState, requests: readonly AskedRequest[]): readonly Answer[] | undefined {
  const answers = requests.flatMap((request): readonly Answer[] => {
    const standing = isToEnd(request) ? undefined : standingAnswer(state, request);
    return standing === undefined ? [] : [{ requestId: request.id, answer: standing }];
  });
  return answers.length === requests.length ? answers : undefined;
}

function isKnown(kind: string): kind is RequestKind {
  return REQUEST_KINDS.some((known) => known === kind);
}

/** Whether the run is to end over it. */
export function isToEnd({ kind }: AskedRequest): boolean {
  return kind === "cancel";
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
