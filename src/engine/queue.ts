import type { Machine } from "./machine.ts";
import { endByCancel, goOn, willEnd } from "./phases.ts";
import { isTerminalRun } from "./status.ts";
import { command, type Turn } from "./turn.ts";

/**
 * A server lets so many runs go on at once; the others wait in its queue. The machine asks to be admitted and is told;
 * it knows nothing of other runs. Until then the run is there and nothing of it starts, no preflight either. What an
 * earlier owner left is taken over all the same.
 */

/** The run is to ask before it goes on. One that is taken up to be ended needs no turn. */
export function queueUp(machine: Machine, turn: Turn): void {
  if (!willEnd(machine, turn)) machine.admission = "wanted";
}

/** Whatever came before it in the same step. */
export function grantAdmission(machine: Machine): void {
  if (machine.admission === "asked") machine.admission = "granted";
}

/**
 * What follows for the place in the queue from all that came in: a paused run does not wait in it, nor does one that is
 * to end.
 */
export function settleAdmission(machine: Machine, turn: Turn): void {
  const { admission, phase } = machine;
  if (admission === "open" || admission === "admitted") return;
  const mayGoOn = phase.name === "waiting_for_sweep" || phase.name === "queued";
  if (!mayGoOn || turn.state.paused !== undefined) {
    if (admission !== "wanted") command(turn, { type: "dequeue" });
    machine.admission = mayGoOn ? "wanted" : "open";
  } else if (admission === "granted") admit(machine, turn);
  else if (admission === "wanted") {
    machine.admission = "asked";
    command(turn, { type: "enqueue" });
  }
}

/** The time of the run begins: what it waited for its turn is not counted. */
function admit(machine: Machine, turn: Turn): void {
  machine.admission = "admitted";
  machine.beganMs = turn.facts.monotonicMs;
  armRunTimer(machine, turn);
  if (machine.phase.name === "queued") goOn(machine, turn);
}

export function armRunTimer({ timedOut }: Machine, turn: Turn): void {
  const { totalTimeoutMs } = turn.state.workflow;
  if (totalTimeoutMs !== undefined && timedOut === undefined)
    command(turn, { type: "arm", timer: { of: "run" }, ms: totalTimeoutMs });
}

/** A newer run is to have the place of this one (`when_full: cancel_oldest`). */
export function giveWay(machine: Machine, turn: Turn, to: string): void {
  const { state } = turn;
  if (isTerminalRun(state.status) || state.cancelRequested !== undefined || machine.phase.name === "let_go") return;
  endByCancel(machine, turn, "concurrency", `run ${to} came after it (when_full: cancel_oldest)`);
}
