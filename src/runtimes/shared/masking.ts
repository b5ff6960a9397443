import type { Finding } from "../../engine/finding.ts";
import type { Outcome } from "../../engine/outcome.ts";
import { type ErrorInfo, toErrorInfo } from "../../kernel/errors.ts";
import type { JsonObject } from "../../kernel/json.ts";
import { maskJson, type Secrets } from "../../kernel/secrets.ts";

// What executors say is masked before anybody records or shows it, where they have read the secrets.

export function maskOutcome(outcome: Outcome, secrets: Secrets): Outcome {
  if (outcome.outcome === "succeeded") return { outcome: "succeeded", output: maskJson(outcome.output, secrets) };
  return { ...outcome, error: maskError(outcome.error, secrets) };
}

/** An executor that throws breaks its promise (X2); the attempt fails, the run goes on. */
export function brokenExecutor(thrown: unknown, secrets: Secrets): Outcome {
  return { outcome: "failed", error: maskError({ ...toErrorInfo(thrown), code: "INTERNAL" }, secrets) };
}

export function maskFindings(findings: readonly Finding[], secrets: Pick<Secrets, "mask">): readonly Finding[] {
  return findings.map((finding) => ({ ...finding, message: secrets.mask(finding.message) }));
}

function maskError(error: ErrorInfo, secrets: Secrets): ErrorInfo {
  const message = secrets.mask(error.message);
  const { details } = error;
  return { ...error, message, ...(details === undefined ? {} : { details: maskJson(details, secrets) as JsonObject }) };
}
