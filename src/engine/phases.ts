import type { ErrorInfo } from "../kernel/errors.ts";
import type { JsonObject } from "../kernel/json.ts";
import { abortAll } from "./attempts.ts";
import type { Finding } from "./finding.ts";
import type { Machine } from "./machine.ts";
import { cancelRun, stopRun } from "./settle.ts";
import type { RunState } from "./state.ts";
import { command, record, type Turn } from "./turn.ts";

/** What stands before the first start is arranged: sweep, then the wait to be admitted, then preflight, then drive. */
export function prepare(machine: Machine, turn: Turn, sweeps: boolean, preflight: boolean): void {
  const thenCheck = preflight && !willEnd(machine, turn);
  machine.sweeping = sweeps;
  machine.phase = { name: "waiting_for_sweep", thenCheck };
  if (!sweeps) goOn(machine, turn);
}

/** Nothing starts any more, whatever else happens. */
export function willEnd({ timedOut }: Machine, { state }: Turn): boolean {
  return state.cancelRequested !== undefined || timedOut !== undefined;
}

/** Nothing of the last owner is at work any more but what is outstanding. */
export function finishSweeping(machine: Machine, turn: Turn): void {
  machine.sweeping = false;
  goOn(machine, turn);
}

/** A run that is to end meanwhile is being driven to it already. */
export function goOn(machine: Machine, turn: Turn): void {
  const { phase, admission } = machine;
  if (phase.name !== "waiting_for_sweep" && phase.name !== "queued") return;
  if (admission !== "open" && admission !== "admitted") {
    machine.phase = { name: "queued", thenCheck: phase.thenCheck };
    return;
  }
  if (!phase.thenCheck) return drive(machine, turn);
  machine.phase = { name: "checking" };
  command(turn, { type: "check" });
}

export function finishChecking(machine: Machine, turn: Turn, findings: readonly Finding[]): void {
  if (machine.phase.name !== "checking") return;
  if (findings.length > 0) record(turn, { type: "run.checked", findings });
  const error = preflightError(findings);
  if (error === undefined) drive(machine, turn);
  else machine.phase = { name: "refused", error };
}

/** From now on nodes may start. */
function drive(machine: Machine, turn: Turn): void {
  const { state } = turn;
  machine.phase = { name: "driving" };
  if (state.startedAt === undefined && state.cancelRequested === undefined) record(turn, { type: "run.started" });
}

/** The run is to end: what preflight or a sweep still has to say no longer matters. */
function driveToEnd(machine: Machine, turn: Turn): void {
  if (machine.phase.name === "checking") command(turn, { type: "uncheck" });
  machine.phase = { name: "driving" };
}

/** The run is to be cancelled: what is outstanding is ended. */
export function endByCancel(machine: Machine, turn: Turn, by: string, reason: string | undefined): void {
  cancelRun(turn, by, reason);
  driveToEnd(machine, turn);
  abortAll(machine, turn, "cancel");
}

/** The run's own total_timeout_seconds is over. */
export function stopOverTime(machine: Machine, turn: Turn): void {
  const { state } = turn;
  if (state.cancelRequested !== undefined || machine.timedOut !== undefined) return;
  const error = runTimeoutError(state);
  machine.timedOut = machine.phase.name === "checking" ? { ...error, code: "SERVICE_CHECK_TIMED_OUT" } : error;
  stopRun(turn);
  driveToEnd(machine, turn);
  abortAll(machine, turn, "run_timeout");
}

export function runTimeoutError({ workflow }: RunState): ErrorInfo {
  const seconds = (workflow.totalTimeoutMs ?? 0) / 1000;
  return { code: "RUN_TIMED_OUT", message: `the run took longer than its total_timeout_seconds of ${seconds} s` };
}

/** What `run.failed` says of a failed preflight, or undefined if nothing stands against the run. */
function preflightError(findings: readonly Finding[]): ErrorInfo | undefined {
  const errors = findings.filter((finding) => finding.severity === "error");
  const first = errors[0];
  if (first === undefined) return undefined;
  const names = [...new Set(errors.map((finding) => finding.service ?? finding.node ?? ""))];
  const what = errors.every((finding) => finding.service !== undefined) ? "services" : "things";
  const message = errors.length === 1 ? first.message : `${names.length} ${what} are not ready: ${names.join(", ")}`;
  return { code: first.code, message, details: { findings: findings.map((finding): JsonObject => ({ ...finding })) } };
}
