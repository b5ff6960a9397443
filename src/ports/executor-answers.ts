import type { Finding } from "../engine/finding.ts";
import type { Outcome } from "../engine/outcome.ts";
import { BusbarError } from "../kernel/errors.ts";
import { problemOfJson } from "../kernel/json.ts";
import type { Recovery } from "./executor.ts";

/**
 * The answers of executors, checked where they come in: an executor may be somebody else's code, and a wrong answer
 * must neither end the run nor be recorded as something that was not said.
 */

/**
 * @param who names the executor in the message
 * @throws BusbarError INTERNAL: that is no outcome (X2)
 */
export function readOutcome(value: unknown, who: string): Outcome {
  const problem = problemOfOutcome(value);
  if (problem === undefined) return value as Outcome;
  throw new BusbarError("INTERNAL", `${who} answered with ${problem}`);
}

/** @throws BusbarError INTERNAL: that is no recovery (X4) */
export function readRecovery(value: unknown, who: string): Recovery {
  const { found, outcome } = isObject(value) ? value : {};
  if (found === "gone") return { found };
  if (found === "running" || found === "outcome") return { found, outcome } as Recovery;
  throw new BusbarError("INTERNAL", `${who} was asked after an attempt and answered with ${shown(value)}`);
}

/** @throws BusbarError INTERNAL: those are no findings */
export function readFindings(value: unknown, who: string): readonly Finding[] {
  const areFindings = Array.isArray(value) && value.every(isFinding);
  if (areFindings) return value;
  throw new BusbarError(
    "INTERNAL",
    `${who} was asked to check and answered with what are no findings: ${shown(value)}`,
  );
}

function isFinding(value: unknown): boolean {
  if (!isObject(value) || problemOfJson(value) !== undefined) return false;
  const isSevere = value.severity === "error" || value.severity === "warning";
  return isSevere && typeof value.code === "string" && typeof value.message === "string";
}

function problemOfOutcome(value: unknown): string | undefined {
  if (!isObject(value)) return `${shown(value)} instead of an outcome`;
  const { outcome, output, error, pushback } = value;
  if (outcome === "succeeded") {
    const problem = problemOfJson(output);
    return problem === undefined ? undefined : `an output that is no JSON: output${problem}`;
  }
  if (outcome !== "failed" && outcome !== "timed_out" && outcome !== "cancelled") {
    return `the outcome ${shown(outcome)}, which is none of succeeded, failed, timed_out, cancelled`;
  }
  if (!isObject(error)) return `the outcome ${outcome} without an error`;
  if (typeof error.code !== "string" || error.code === "") return `the outcome ${outcome} and an error without a code`;
  if (typeof error.message !== "string") return `the outcome ${outcome} and an error without a message`;
  if (error.status !== undefined && typeof error.status !== "string") return "an error whose status is no text";
  const problem = error.details === undefined ? undefined : problemOfJson(error.details);
  if (problem !== undefined) return `an error whose details are no JSON: details${problem}`;
  if (pushback === undefined || pushback === "never" || Number.isFinite(pushback)) return undefined;
  return `the pushback ${shown(pushback)}, which is neither milliseconds nor "never"`;
}

function isObject(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  return typeof value === "object" && value !== null ? "an object" : String(value);
}
