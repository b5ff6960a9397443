import type { Finding } from "../../engine/finding.ts";
import type { Clock } from "../../kernel/clock.ts";
import { formatDuration } from "../../kernel/durations.ts";
import { ERRORS } from "../../kernel/error-table.ts";
import type { BusbarError } from "../../kernel/errors.ts";
import { cleanForeign, type Secrets } from "../../kernel/secrets.ts";
import type { Service } from "../../workflow/model/service.ts";
import { Code } from "../grpc-client/status.ts";
import type { UnaryResult } from "../grpc-client/unary.ts";
import { boundText, type ServiceChannels } from "./channels.ts";
import { isWordlessHangUp } from "./connect-faults.ts";
import { CONTRACT } from "./contract.ts";
import type { Asked } from "./fault-report.ts";
import { describeFault } from "./faults.ts";
import { decodeHealthStatus, HEALTH_REQUEST } from "./messages.ts";
import { readServiceMetadata } from "./metadata.ts";
import { describeOffers } from "./offers.ts";
import { type AnswerEnd, type ContractCheck, checkContract } from "./reflection.ts";
import { statusName } from "./status.ts";
import { describeService } from "./words.ts";

export interface CheckTools {
  readonly channels: ServiceChannels;
  readonly secrets: Secrets;
  readonly clock: Clock;
}

export interface CheckOptions {
  readonly timeoutMs: number;
  /** Whether a contract that could not be checked is a finding as well. */
  readonly tellUnchecked: boolean;
  /** Where its contract is known already, its health alone is asked, unless it has none. */
  readonly knowsContract?: boolean;
  readonly signal: AbortSignal;
}

/** What a service has said for itself. */
export interface ServiceCheck {
  /** Everything that stands against calling it now, and what is only worth a warning. */
  readonly findings: readonly Finding[];
  /** Until the first answer, be it one that says no; absent where none came. */
  readonly answerMs?: number;
  /** Whether its contract was found to be ours. */
  readonly hasContract: boolean;
  /** Whether the connection was hung up before a word was said on it. */
  readonly isHungUp: boolean;
}

const HEALTH_PATH = "/grpc.health.v1.Health/Check";

/** Asks a service for its health and its contract. */
export async function checkService(
  { channels, secrets, clock }: CheckTools,
  service: Service,
  { timeoutMs, tellUnchecked, knowsContract = false, signal }: CheckOptions,
): Promise<ServiceCheck> {
  const report = createReport(service, timeoutMs, secrets);
  const { metadata, problems } = readServiceMetadata(service, secrets);
  for (const problem of problems) report.problem(problem);
  const channel = channels.of(service);
  const begun = clock.monotonic();
  const call = { metadata, signal };
  // One after the other, on one connection, which the first call then uses.
  const { findings } = report;
  let health: UnaryResult | undefined;
  let answerMs: number | undefined;
  if (service.health !== "off") {
    health = await channel.unary(HEALTH_PATH, HEALTH_REQUEST, { ...call, timeoutMs });
    reportHealth(report, service, health);
    // Where the call itself could not be made, the next one could not either.
    if (health.fault !== undefined && health.fault.kind !== "badReply") {
      return { findings, hasContract: false, isHungUp: isWordlessHangUp(health.fault) };
    }
    answerMs = clock.monotonic() - begun;
    if (knowsContract && health.code !== Code.UNIMPLEMENTED) {
      return { findings, answerMs, hasContract: true, isHungUp: false };
    }
  }
  const leftMs = timeoutMs - (clock.monotonic() - begun);
  const contract = await checkContract(channel, { ...call, clock, timeoutMs: Math.max(1, leftMs) });
  reportContract(report, contract, health, tellUnchecked);
  const fault = contract.found === "nothing" ? contract.end.fault : undefined;
  if (fault === undefined) answerMs ??= clock.monotonic() - begun;
  const hasContract = contract.found === "service" && contract.differences.errors.length === 0;
  const isHungUp = answerMs === undefined && fault !== undefined && isWordlessHangUp(fault);
  return { findings, hasContract, isHungUp, ...(answerMs === undefined ? {} : { answerMs }) };
}

interface Report {
  readonly findings: Finding[];
  /** @param text goes on from "<service> at <address> " */
  error(code: Finding["code"], text: string): void;
  warning(code: Finding["code"], text: string): void;
  problem(problem: BusbarError): void;
  /** What the peer said, if anything, as the end of a sentence. */
  reason(end: AnswerEnd): string;
  readonly asked: (what: Asked["what"]) => Asked;
  readonly secrets: Secrets;
}

function createReport(service: Service, limitMs: number, secrets: Secrets): Report {
  const findings: Finding[] = [];
  const add = (severity: Finding["severity"], code: Finding["code"], message: string): void => {
    const address = boundText(service.address);
    findings.push({ severity, code, service: service.name, address, message: secrets.mask(message) });
  };
  const who = describeService(service);
  return {
    findings,
    error: (code, text) => add("error", code, `${who} ${text}`),
    warning: (code, text) => add("warning", code, `${who} ${text}`),
    problem: (problem) => add("error", problem.code, problem.message),
    reason: ({ message }) => (message === "" ? "" : `: ${cleanForeign(message, secrets)}`),
    asked: (what) => ({ what, limitMs, tls: service.tls, secrets }),
    secrets,
  };
}

function reportHealth(report: Report, service: Service, health: UnaryResult): void {
  const { code, fault, reply } = health;
  const required = service.health === "required";
  const unhealthy = required ? report.error : report.warning;
  if (code === Code.UNIMPLEMENTED || code === Code.NOT_FOUND) {
    // A web server answers so as well; what it says to reflection tells.
    if (required) report.error("SERVICE_NO_HEALTH", `${describeNoHealth(code)}, and the file says health: required`);
  } else if (fault !== undefined) {
    const { code: found, text } = describeFault(fault, report.asked("health check"));
    if (found === "SERVICE_CHECK_FAILED") unhealthy(found, text);
    else report.error(found, text);
  } else if (code === Code.OK) {
    const state = readHealth(reply);
    if (state !== "SERVING") report.error("SERVICE_NOT_SERVING", `is up but its health is ${state}`);
  } else if (code === Code.DEADLINE_EXCEEDED) {
    const { code: found, text } = describeFault(
      { kind: "late", heard: true, got: "nothing" },
      report.asked("health check"),
    );
    report.error(found, text);
  } else {
    const text = `answered the health check with ${statusName(code)}${report.reason(health)}`;
    if (code === Code.UNAVAILABLE) report.error("SERVICE_NOT_SERVING", text);
    else unhealthy("SERVICE_CHECK_FAILED", text);
  }
}

function readHealth(message: Uint8Array | undefined): string {
  try {
    return decodeHealthStatus(message ?? new Uint8Array());
  } catch {
    return "unreadable";
  }
}

function describeNoHealth(code: number): string {
  return code === Code.NOT_FOUND
    ? "has a health service that does not know the empty service name"
    : "has no grpc.health.v1 service";
}

/** @param health what the health check said, if there was one */
function reportContract(
  report: Report,
  contract: ContractCheck,
  health: UnaryResult | undefined,
  tellUnchecked: boolean,
): void {
  const { remedy } = ERRORS.SERVICE_WRONG_CONTRACT;
  if (contract.found === "others") {
    const text = describeOffers(contract.offers, report.secrets).replace(/^it has/, "is up but has");
    report.error("SERVICE_WRONG_CONTRACT", `${text}. ${remedy}`);
  } else if (contract.found === "service") {
    const { errors, warnings } = contract.differences;
    const differs = (all: readonly string[]): string =>
      `has another ${CONTRACT.service}/${CONTRACT.method}: ${cleanForeign(all.join("; "), report.secrets)}`;
    if (errors.length > 0) report.error("SERVICE_WRONG_CONTRACT", `${differs(errors)}. ${remedy}`);
    else if (warnings.length > 0) report.warning("SERVICE_WRONG_CONTRACT", differs(warnings));
  } else {
    reportUnchecked(report, contract.end, health, tellUnchecked);
  }
}

/** Of a service whose reflection says nothing. */
function reportUnchecked(
  report: Report,
  end: AnswerEnd,
  health: UnaryResult | undefined,
  tellUnchecked: boolean,
): void {
  const { code, fault } = end;
  const limit = formatDuration(report.asked("check").limitMs);
  if (fault?.kind === "badReply") {
    // A web server that speaks HTTP/2 answers as a gRPC server without reflection might, so this only warns.
    const isWeb = health === undefined || health.fault?.kind === "badReply";
    if (isWeb && code === Code.UNIMPLEMENTED) {
      report.warning("SERVICE_WRONG_PROTOCOL", describeFault(fault, report.asked("check")).text);
    }
  } else if (code === Code.DEADLINE_EXCEEDED && health !== undefined) {
    report.warning("SERVICE_SILENT", `did not answer reflection within ${limit}; its contract is not checked`);
  } else if (fault !== undefined && health === undefined) {
    // Reflection is all that was asked.
    const { code: found, text } = describeFault(fault, report.asked("check"));
    report.error(found, text);
  } else if (tellUnchecked) {
    const failed = code === Code.OK ? "gave no answer" : `failed with ${statusName(code)}`;
    const why = code === Code.UNIMPLEMENTED ? "no reflection" : `reflection ${failed}`;
    report.warning("SERVICE_NO_REFLECTION", `is up; contract not checked: ${why}${report.reason(end)}`);
  }
}
