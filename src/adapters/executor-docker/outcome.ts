import { formatDuration } from "../../kernel/durations.ts";
import type { ErrorCode } from "../../kernel/error-table.ts";
import type { JsonObject } from "../../kernel/json.ts";
import type { Secrets } from "../../kernel/secrets.ts";
import type { Attempt, AttemptFailure, Outcome } from "../../ports/executor.ts";
import type { ContainerRequest } from "../../spec/kinds/docker/request.ts";
import type { ContainerState } from "./containers.ts";
import { describeContainer, engineName, lastLine } from "./words.ts";

/** What an outcome is told about. */
export interface Told {
  readonly attempt: Attempt;
  readonly request: ContainerRequest;
  readonly secrets: Secrets;
}

/** What ended the wait for a container before the container ended. */
export type Cause = "timed out" | "cancelled" | "left";

/** @param stderr the end of what it wrote there */
export function outcomeOfExit(told: Told, state: ContainerState, stderr: string): Outcome {
  const { exitCode } = state;
  if (exitCode === 0) return { outcome: "succeeded", output: { exit_code: 0 } };
  const who = describeContainer(told.attempt.nodeId, told.request);
  const extra = { status: `EXIT_${exitCode}`, details: { exit_code: exitCode } };
  if (state.outOfMemory) {
    const limit = told.request.options.findLast((option) => option.startsWith("--memory="));
    const given = limit === undefined ? "than it was given" : `than its limit (${limit})`;
    const text = `${who} was ended with exit code ${exitCode} because it used more memory ${given}`;
    return failed(told, "CONTAINER_OUT_OF_MEMORY", text, extra);
  }
  const words = lastLine(stderr, told.secrets);
  const said = words === "" ? "; it wrote nothing to stderr" : `: ${words}`;
  return failed(
    told,
    "CONTAINER_FAILED",
    `${who} ended with exit code ${exitCode}${describeSignal(exitCode)}${said}`,
    extra,
  );
}

/** Of the exit codes that a signal leaves (128 + its number), those that people meet. */
const SIGNALS: { readonly [exitCode: number]: string } = {
  129: "SIGHUP",
  130: "SIGINT",
  131: "SIGQUIT",
  132: "SIGILL",
  134: "SIGABRT",
  135: "SIGBUS",
  136: "SIGFPE",
  137: "SIGKILL",
  139: "SIGSEGV",
  141: "SIGPIPE",
  143: "SIGTERM",
};

function describeSignal(exitCode: number): string {
  const signal = SIGNALS[exitCode];
  return signal === undefined ? "" : ` (${signal})`;
}

/** @param reason the engine's words */
export function outcomeOfNoStart(told: Told, reason: string, exitCode?: number): Outcome {
  const who = describeContainer(told.attempt.nodeId, told.request);
  const details = exitCode === undefined || exitCode === 0 ? undefined : { exit_code: exitCode };
  const text = `${engineName(told.request)} did not start ${who}: ${reason}`;
  return failed(told, "CONTAINER_NOT_STARTED", text, details === undefined ? {} : { details });
}

export function outcomeOfNoProgram(told: Told, reason: string): Outcome {
  const who = describeContainer(told.attempt.nodeId, told.request);
  return failed(told, "CONTAINER_NOT_STARTED", `${told.request.program} could not be run to start ${who}: ${reason}`);
}

export function outcomeOfEnvironment(told: Told, text: string): Outcome {
  const who = describeContainer(told.attempt.nodeId, told.request);
  return failed(told, "CONTAINER_MISSING_ENV", `${who} was not made: ${text}`);
}

export function outcomeOfNameTaken(told: Told, name: string): Outcome {
  const who = describeContainer(told.attempt.nodeId, told.request);
  const text = `${who} was not made: another container, which this run did not make, has its name "${name}"`;
  return failed(told, "CONTAINER_NAME_TAKEN", text);
}

/** @param when goes on from "<engine> " */
export function outcomeOfGoneEngine(told: Told, when: string, reason: string): Outcome {
  return failed(told, "CONTAINER_ENGINE_GONE", `${engineName(told.request)} ${when}: ${reason}`, {
    status: "UNAVAILABLE",
  });
}

export function outcomeOfVanished(told: Told): Outcome {
  const who = describeContainer(told.attempt.nodeId, told.request);
  return failed(told, "CONTAINER_FAILED", `${who} was removed by somebody else before Busbar knew how it ended`);
}

/** @param ended whether the engine confirmed that nothing of the container is left */
export function outcomeOfInterruption(told: Told, cause: Cause, ended: boolean): AttemptFailure {
  const who = describeContainer(told.attempt.nodeId, told.request);
  if (cause === "left") return interrupted(told, "cancelled", `${who} was left to go on by itself`);
  const doubt = ended ? "" : `; ${engineName(told.request)} did not confirm that it has ended`;
  if (cause === "cancelled") return interrupted(told, "cancelled", `${who} was cancelled${doubt}`);
  const limit = formatDuration(told.attempt.timeoutMs);
  return interrupted(told, "timed_out", `${who} did not end within ${limit}${doubt}`);
}

function interrupted(told: Told, outcome: "cancelled" | "timed_out", text: string): AttemptFailure {
  const message = told.secrets.mask(text);
  return outcome === "cancelled"
    ? { outcome, error: { code: "NODE_CANCELLED", message, status: "CANCELLED" } }
    : { outcome, error: { code: "NODE_TIMED_OUT", message, status: "DEADLINE_EXCEEDED" } };
}

function failed(
  told: Told,
  code: ErrorCode,
  message: string,
  extra: { readonly status?: string; readonly details?: JsonObject } = {},
): Outcome {
  return { outcome: "failed", error: { code, message: told.secrets.mask(message), ...extra } };
}
