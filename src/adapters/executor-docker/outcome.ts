import { formatDuration } from "../../kernel/durations.ts";
import type { ErrorCode } from "../../kernel/error-table.ts";
import type { JsonObject } from "../../kernel/json.ts";
import { cleanForeign, type Secrets } from "../../kernel/secrets.ts";
import { cleanText } from "../../kernel/text.ts";
import type { Attempt, AttemptFailure, Outcome } from "../../ports/executor.ts";
import type { ContainerRequest } from "../../workflow/kinds/docker/request.ts";
import type { ContainerState } from "./containers.ts";
import { describeContainer, engineName, lastLine } from "./words.ts";

/** The attempt that an outcome belongs to, and what its texts are made of. */
export interface AttemptContext {
  readonly attempt: Attempt;
  readonly request: ContainerRequest;
  readonly secrets: Secrets;
}

/** What ended the wait for a container before the container ended. */
export type Cause = "timed out" | "cancelled" | "left";

/** Labels of others' containers may be of any length. */
const MAX_TEXT_BYTES = 2048;

/** @param stderr the end of what it wrote there */
export function outcomeOfExit(context: AttemptContext, state: ContainerState, stderr: string): Outcome {
  const { exitCode } = state;
  if (exitCode === 0) return { outcome: "succeeded", output: { exit_code: 0 } };
  const who = describeContainer(context.attempt.nodeId, context.request);
  const extra = { status: `EXIT_${exitCode}`, details: { exit_code: exitCode } };
  const words = lastLine(stderr, context.secrets);
  const said = words === "" ? "; it wrote nothing to stderr" : `: ${words}`;
  const limit = context.request.options.findLast((option) => option.startsWith("--memory="));
  const given = limit === undefined ? "than it was given" : `than its limit (${limit})`;
  if (state.outOfMemory && exitCode === KILLED) {
    const last = words === "" ? "" : `; its last line on stderr: ${words}`;
    const text = `${who} was ended with exit code ${exitCode} because it used more memory ${given}${last}`;
    return failed(context, "CONTAINER_OUT_OF_MEMORY", text, extra);
  }
  // The engine says it of any of the container's processes; the one whose exit code this is ended by itself.
  const killed = state.outOfMemory ? ` (a process in it was killed for memory: it used more ${given})` : "";
  const signal = describeSignal(exitCode, limit);
  const text = `${who} ended with exit code ${exitCode}${signal}${killed}${said}`;
  return failed(context, "CONTAINER_FAILED", text, extra);
}

/** 128 and SIGKILL, by which the kernel ends what uses too much memory. */
const KILLED = 137;

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

/** @param limit of its memory: an engine may miss that the kernel ended a container for it */
function describeSignal(exitCode: number, limit: string | undefined): string {
  const signal = SIGNALS[exitCode];
  if (signal === undefined) return "";
  return exitCode === KILLED && limit !== undefined ? ` (${signal}, perhaps for its limit ${limit})` : ` (${signal})`;
}

/** @param reason the engine's words */
export function outcomeOfNoStart(context: AttemptContext, reason: string, exitCode?: number): Outcome {
  const who = describeContainer(context.attempt.nodeId, context.request);
  const details = exitCode === undefined || exitCode === 0 ? undefined : { exit_code: exitCode };
  const text = `${engineName(context.request)} did not start ${who}: ${reason}`;
  return failed(context, "CONTAINER_NOT_STARTED", text, details === undefined ? {} : { details });
}

export function outcomeOfNoProgram(context: AttemptContext, reason: string): Outcome {
  const who = describeContainer(context.attempt.nodeId, context.request);
  return failed(
    context,
    "CONTAINER_NOT_STARTED",
    `${context.request.program} could not be run to start ${who}: ${reason}`,
  );
}

export function outcomeOfEnvironment(context: AttemptContext, text: string): Outcome {
  const who = describeContainer(context.attempt.nodeId, context.request);
  return failed(context, "CONTAINER_MISSING_ENV", `${who} was not made: ${text}`);
}

/** @param other which container has it */
export function outcomeOfNameTaken(context: AttemptContext, name: string, other: string): Outcome {
  const who = describeContainer(context.attempt.nodeId, context.request);
  const text = cleanForeign(
    `${who} was not made: another container has its name "${name}": ${other}`,
    context.secrets,
    MAX_TEXT_BYTES,
  );
  return failed(context, "CONTAINER_NAME_TAKEN", text, { details: { name } });
}

/** @param text names what is refused, and why */
export function outcomeOfRefusal(
  context: AttemptContext,
  code: "POLICY_REFUSED" | "MOUNT_NOT_FOUND" | "MOUNT_NOT_ALLOWED",
  text: string,
): Outcome {
  const who = describeContainer(context.attempt.nodeId, context.request);
  return failed(context, code, `${who} was not made: ${text}`);
}

/** @param gone whether the engine confirmed that nothing of the container is left */
export function outcomeOfMovedMount(context: AttemptContext, source: string, gone: boolean): Outcome {
  const who = describeContainer(context.attempt.nodeId, context.request);
  const doubt = gone ? "" : `; ${engineName(context.request)} did not confirm that it has ended`;
  const text = `${who} was ended: ${cleanText(source, MAX_TEXT_BYTES)} led elsewhere when the engine mounted it than when Busbar looked${doubt}`;
  return failed(context, "MOUNT_MOVED", text);
}

/** @param what goes on from "<engine> " */
export function outcomeOfGoneEngine(context: AttemptContext, what: string): Outcome {
  return failed(context, "CONTAINER_ENGINE_GONE", `${engineName(context.request)} ${what}`, {
    status: "UNAVAILABLE",
  });
}

export function outcomeOfVanished(context: AttemptContext): Outcome {
  const who = describeContainer(context.attempt.nodeId, context.request);
  return failed(context, "CONTAINER_REMOVED", `${who} was removed by somebody else before Busbar knew how it ended`);
}

/** @param ended whether the engine confirmed that nothing of the container is left */
export function outcomeOfInterruption(context: AttemptContext, cause: Cause, ended: boolean): AttemptFailure {
  const who = describeContainer(context.attempt.nodeId, context.request);
  if (cause === "left") return interrupted(context, "cancelled", `${who} was left to go on by itself`);
  const doubt = ended ? "" : `; ${engineName(context.request)} did not confirm that it has ended`;
  if (cause === "cancelled") return interrupted(context, "cancelled", `${who} was cancelled${doubt}`);
  const limit = formatDuration(context.attempt.timeoutMs);
  return interrupted(context, "timed_out", `${who} did not end within ${limit}${doubt}`);
}

function interrupted(context: AttemptContext, outcome: "cancelled" | "timed_out", text: string): AttemptFailure {
  const message = context.secrets.mask(text);
  return outcome === "cancelled"
    ? { outcome, error: { code: "NODE_CANCELLED", message, status: "CANCELLED" } }
    : { outcome, error: { code: "CONTAINER_TIMED_OUT", message, status: "DEADLINE_EXCEEDED" } };
}

function failed(
  context: AttemptContext,
  code: ErrorCode,
  message: string,
  extra: { readonly status?: string; readonly details?: JsonObject } = {},
): Outcome {
  return { outcome: "failed", error: { code, message: context.secrets.mask(message), ...extra } };
}
