import type { LetGo } from "./commands.ts";
import type { Machine } from "./machine.ts";
import { isTerminalRun } from "./status.ts";
import { command, type Turn } from "./turn.ts";

/** Nobody drives the run here any more. What is at work of it is for whoever resumes it. */
export function letGo(machine: Machine, turn: Turn, because: LetGo["because"]): void {
  machine.phase = { name: "let_go" };
  command(turn, { type: "let_go", because });
}

/**
 * The owner is about to go: nothing starts from now on, and the run is let go once nothing is in flight. A run that
 * preflight refused ends with what is in flight.
 */
export function drainRun(machine: Machine, turn: Turn): void {
  const { name } = machine.phase;
  if (name === "let_go" || name === "refused") return;
  if (name === "checking") command(turn, { type: "uncheck" });
  machine.phase = { name: "draining" };
}

/** What an earlier owner left, and nobody has asked after, is not in flight here: the next owner asks. */
export function letGoWhenIdle(machine: Machine, turn: Turn): void {
  if (machine.phase.name !== "draining" || isTerminalRun(turn.state.status)) return;
  for (const { work } of machine.outstanding.values()) if (work === "under_way") return;
  letGo(machine, turn, "draining");
}
