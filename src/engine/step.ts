import { answerRequest } from "./answer-request.ts";
import { endAttempt, startReady, wakeNode } from "./attempts.ts";
import { beginRun } from "./begin.ts";
import type { Command } from "./commands.ts";
import type { RunEvent } from "./events.ts";
import { loseRecovered, recoverLeft } from "./inherit.ts";
import type { Facts, Input } from "./inputs.ts";
import { drainRun, letGoWhenIdle } from "./let-go.ts";
import type { Machine } from "./machine.ts";
import { finishChecking, finishSweeping, stopOverTime } from "./phases.ts";
import { giveWay, grantAdmission, settleAdmission } from "./queue.ts";
import type { Answer } from "./requests.ts";
import { endIfSettled } from "./settle.ts";
import { freeSettled, grantSlot, stopAsking } from "./slots.ts";
import { isTerminalRun } from "./status.ts";
import { runDurationMs } from "./time.ts";
import { record, type Turn } from "./turn.ts";

/** What a step decided. */
export interface Step {
  /** To be appended together, with the answers. */
  readonly events: readonly RunEvent[];
  readonly answers: readonly Answer[];
  /** To be done in order, once events and answers are durable (E8). */
  readonly commands: readonly Command[];
}

/**
 * Takes what happened, in order, and decides.
 *
 * @param inputs the very first one is `begun`
 * @param facts  as of now, for all of them
 */
export function step(machine: Machine, inputs: readonly Input[], facts: Facts): Step {
  const { state, epoch } = machine;
  const turn: Turn = { state, facts, epoch, events: [], answers: [], commands: [] };
  for (const input of inputs) take(machine, turn, input);
  settleAdmission(machine, turn);
  decide(machine, turn);
  freeSettled(machine, turn);
  return turn;
}

function take(machine: Machine, turn: Turn, input: Input): void {
  switch (input.type) {
    case "begun":
      return beginRun(machine, turn, input);
    case "swept":
      recoverLeft(machine, turn);
      return finishSweeping(machine, turn);
    case "checked":
      return finishChecking(machine, turn, input.findings);
    case "recovered":
      return loseRecovered(machine, turn, input);
    case "ended":
      return endAttempt(machine, turn, input);
    case "due":
      return input.timer.of === "run" ? stopOverTime(machine, turn) : wakeNode(machine, turn, input.timer.nodeId);
    case "asked":
      return answerRequest(machine, turn, input.request);
    case "granted":
      return grantSlot(machine, turn, input.nodeId);
    case "queued":
      return stopAsking(machine, input.nodeId);
    case "admitted":
      return grantAdmission(machine);
    case "displaced":
      return giveWay(machine, turn, input.by);
    case "draining":
      return drainRun(machine, turn);
  }
}

/** What follows from all that came in. */
function decide(machine: Machine, turn: Turn): void {
  if (machine.phase.name === "let_go") return;
  // Whoever resumed a run that ended over a sweep would lose new work to it.
  if (!machine.sweeping) goOn(machine, turn);
  letGoWhenIdle(machine, turn);
}

function goOn(machine: Machine, turn: Turn): void {
  const { phase, outstanding } = machine;
  if (phase.name === "driving") startReady(machine, turn);
  endIfSettled(turn, runDurationMs(machine, turn), machine.timedOut);
  // Attempts that were found again run to their end first: a run does not end over them.
  if (phase.name !== "refused" || outstanding.size > 0 || isTerminalRun(turn.state.status)) return;
  record(turn, { type: "run.failed", duration_ms: runDurationMs(machine, turn), error: phase.error });
}
