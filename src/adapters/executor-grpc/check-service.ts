import type { Finding } from "../../engine/finding.ts";
import { formatDuration } from "../../kernel/durations.ts";
import { BusbarError } from "../../kernel/errors.ts";
import type { Secrets } from "../../kernel/secrets.ts";
import type { Service } from "../../workflow/model/service.ts";
import { type CallResult, callUnary } from "./call.ts";
import { boundText, type Channels, type Lease } from "./channels.ts";
import { failedToConnect, isStillLookingUp } from "./connect-failure.ts";
import { CONTRACT } from "./contract.ts";
import { describeHttpStatus, describeOffers } from "./explain.ts";
import { explainConnectFailure } from "./explain-connect-failure.ts";
import { type Channel, ConnectivityState, type Metadata, Status, type StatusObject } from "./grpc-js.ts";
import { decodeHealthStatus, HEALTH_REQUEST } from "./messages.ts";
import { readServiceMetadata } from "./metadata.ts";
import { type ContractCheck, checkContract } from "./reflection.ts";
import { statusName } from "./status.ts";
import { cleanForeign, describeService } from "./words.ts";

export interface CheckTools {
  readonly channels: Channels;
  readonly secrets: Secrets;
}

const HEALTH_PATH = "/grpc.health.v1.Health/Check";

/** Everything that stands against calling a service now, and what is only worth a warning. */
export async function checkService(
  tools: CheckTools,
  service: Service,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const report = createReport(service, tools.secrets);
  const { metadata, problems } = readServiceMetadata(service, tools.secrets);
  for (const problem of problems) report.problem(problem);
  let lease: Lease;
  try {
    lease = tools.channels.lease(service);
  } catch (error) {
    if (!(error instanceof BusbarError)) throw error;
    report.problem(error);
    return report.findings;
  }
  const { channel } = lease;
  const options = { metadata, timeoutMs };
  // On one new connection, at the same time: a healthy service costs one round trip.
  const [health, contract] = await Promise.all([
    service.health === "off" ? undefined : askForHealth(channel, metadata, timeoutMs, signal),
    checkContract(channel, options, signal),
  ]);
  const refused = [health?.status, contract.found === "nothing" ? contract.status : undefined].find(
    (status) => status !== undefined && failedToConnect(status),
  );
  const connected = channel.getConnectivityState(false) !== ConnectivityState.CONNECTING;
  if (refused !== undefined) {
    const failure = await explainConnectFailure(service, refused, signal);
    report.error(failure.code, ` cannot be reached: ${failure.text}`);
  } else {
    const silent = `within ${formatDuration(timeoutMs)}`;
    const said = health === undefined ? contractStatus(contract) : health.status;
    if (said !== undefined && isStillLookingUp(said)) {
      const text = ` was not asked ${silent}: its host name was still being looked up; the machine's DNS does not answer`;
      report.error("SERVICE_UNKNOWN_NAME", text);
    } else if (said?.code === Status.DEADLINE_EXCEEDED && !connected) {
      report.error(
        "SERVICE_SILENT",
        ` did not answer as a gRPC server ${silent}: something accepts connections there and stays silent, or drops them`,
      );
    } else {
      if (health !== undefined) reportHealth(report, service, health, channel, silent);
      reportNotGrpc(report, health, contract);
      reportContract(report, contract, health === undefined, silent, tools.secrets);
    }
  }
  lease.release(report.findings.length === 0);
  return report.findings;
}

interface Report {
  readonly findings: Finding[];
  /** @param text goes on from "<service> at <address>" */
  error(code: Finding["code"], text: string): void;
  warning(code: Finding["code"], text: string): void;
  problem(problem: BusbarError): void;
  /** What the peer said, if anything, as the end of a sentence. */
  reason(status: StatusObject): string;
}

function createReport(service: Service, secrets: Secrets): Report {
  const findings: Finding[] = [];
  const add = (severity: Finding["severity"], code: Finding["code"], message: string): void => {
    const address = boundText(service.address);
    findings.push({ severity, code, service: service.name, address, message: secrets.mask(message) });
  };
  const who = describeService(service);
  return {
    findings,
    error: (code, text) => add("error", code, who + text),
    warning: (code, text) => add("warning", code, who + text),
    problem: (problem) => add("error", problem.code, problem.message),
    reason: ({ details }) => (details === "" ? "" : `: ${cleanForeign(details, secrets)}`),
  };
}

/** A web server that speaks HTTP/2 answers as a gRPC server without these services might, so this only warns. */
function reportNotGrpc(report: Report, health: CallResult | undefined, contract: ContractCheck): void {
  const said = contractStatus(contract);
  const text = said?.code === Status.UNIMPLEMENTED ? describeHttpStatus(said) : undefined;
  if (text === undefined || (health !== undefined && describeHttpStatus(health.status) === undefined)) return;
  report.warning("SERVICE_WRONG_PROTOCOL", ` ${text} when it was checked: is it a gRPC server?`);
}

function askForHealth(
  channel: Channel,
  metadata: Metadata,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<CallResult> {
  return callUnary(channel, { path: HEALTH_PATH, message: HEALTH_REQUEST, metadata, timeoutMs }, signal);
}

function reportHealth(report: Report, service: Service, health: CallResult, channel: Channel, silent: string): void {
  const { code } = health.status;
  const required = service.health === "required";
  if (code === Status.OK) {
    const state = readHealth(health.message);
    if (state !== "SERVING") report.error("SERVICE_NOT_SERVING", ` is up but its health is ${state}`);
  } else if (code === Status.UNIMPLEMENTED || code === Status.NOT_FOUND) {
    if (required) report.error("SERVICE_NO_HEALTH", ` ${describeNoHealth(code)}, and the file says health: required`);
  } else if (code === Status.DEADLINE_EXCEEDED) {
    report.error("SERVICE_SILENT", ` did not answer the health check ${silent}`);
  } else if (code === Status.UNAVAILABLE) {
    const lost = channel.getConnectivityState(false) !== ConnectivityState.READY;
    const text = lost ? "broke the connection during the health check" : "answered the health check with UNAVAILABLE";
    report.error(lost ? "SERVICE_UNREACHABLE" : "SERVICE_NOT_SERVING", ` ${text}${report.reason(health.status)}`);
  } else {
    const text = ` answered the health check with ${statusName(code)}${report.reason(health.status)}`;
    if (required) report.error("SERVICE_CHECK_FAILED", text);
    else report.warning("SERVICE_CHECK_FAILED", text);
  }
}

function readHealth(message: Uint8Array | undefined): string {
  try {
    return decodeHealthStatus(message ?? new Uint8Array());
  } catch {
    return "unreadable";
  }
}

function describeNoHealth(code: Status): string {
  return code === Status.NOT_FOUND
    ? "has a health service that does not know the empty service name"
    : "has no grpc.health.v1 service";
}

/** @param alone whether reflection is all that was asked */
function reportContract(
  report: Report,
  contract: ContractCheck,
  alone: boolean,
  silent: string,
  secrets: Secrets,
): void {
  const remedy = "Rebuild it from the contract that `busbar proto` prints";
  if (contract.found === "others") {
    const text = describeOffers(contract.offers, secrets).replace(/^it has/, "is up but has");
    report.error("SERVICE_WRONG_CONTRACT", ` ${text}. ${remedy}.`);
  } else if (contract.found === "service") {
    const { errors, warnings } = contract.differences;
    const differs = (all: readonly string[]): string =>
      ` has another ${CONTRACT.service}/${CONTRACT.method}: ${cleanForeign(all.join("; "), secrets)}`;
    if (errors.length > 0) report.error("SERVICE_WRONG_CONTRACT", `${differs(errors)}. ${remedy}.`);
    else if (warnings.length > 0) report.warning("SERVICE_WRONG_CONTRACT", differs(warnings));
  } else if (contract.status.code === Status.DEADLINE_EXCEEDED) {
    const text = ` did not answer reflection ${silent}; its contract is not checked`;
    if (alone) report.error("SERVICE_SILENT", text);
    else report.warning("SERVICE_SILENT", text);
  } else if (alone && contract.status.code === Status.UNAVAILABLE) {
    report.error("SERVICE_UNREACHABLE", ` broke the connection during the check${report.reason(contract.status)}`);
  }
}

function contractStatus(contract: ContractCheck): StatusObject | undefined {
  return contract.found === "nothing" ? contract.status : undefined;
}
