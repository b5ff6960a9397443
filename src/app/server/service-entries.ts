import { isAbsolute } from "node:path";
import type { ErrorInfo } from "../../kernel/errors.ts";
import type { ServiceReport, ServiceView } from "../../ports/services.ts";
import { bindWorkflow } from "../../workflow/bind.ts";
import type { Service, Tls } from "../../workflow/model/service.ts";
import { hasReferences, type Template } from "../../workflow/model/template.ts";
import { templateText } from "../../workflow/model/template-text.ts";
import { checkParams } from "../../workflow/params.ts";
import type { Workflow } from "../../workflow/workflow.ts";

/** A service, and what is known of it. */
export interface ServiceEntry {
  readonly service: Service;
  /** Runs that go on here and need it. */
  runs: number;
  inFlight: number;
  report?: ServiceReport;
  /** RFC 3339. */
  checkedAt?: string;
  lastError?: { readonly at: string; readonly error: ErrorInfo };
  /** While somebody looks, or watches. */
  looking?: Promise<void>;
  watch?: { readonly end: () => void };
}

/** Services of workflows and runs are one where they have one name and are reached and asked in the same way. */
export function keyOfService({ name, address, tls, metadata, health, proxy }: Service): string {
  return JSON.stringify([name, address, tls ?? null, [...metadata], health, proxy]);
}

/** The services of a stored workflow, as runs without params would call them where that can be said. */
export function servicesOf(workflow: Workflow, atIso: string): readonly Service[] {
  const params = checkParams(workflow, {});
  const bound = params.ok ? bindWorkflow(workflow, { params: params.value, runId: "none", startedAt: atIso }) : params;
  return [...(bound.ok ? bound.value.services : workflow.services).values()];
}

/** Whether it can be looked at: nothing of it waits for the params of a run. */
export function isBound({ address, tls, metadata }: Service): boolean {
  return !hasReferences(address) && (tls === undefined || isBoundTls(tls)) && [...metadata.values()].every(isKnown);
}

function isBoundTls({ caFile, certFile, keyFile }: Tls): boolean {
  return [caFile, certFile, keyFile].every((file) => file === undefined || (!hasReferences(file) && isAbsolute(file)));
}

/** But for the environment, which is read when it is called. */
function isKnown(template: Template): boolean {
  return !hasReferences(template) || template.every((part) => typeof part === "string" || part.scope === "env");
}

/** @param workflows names of those that name it */
export function viewOfService(entry: ServiceEntry, workflows: readonly string[]): ServiceView {
  const { service, report, checkedAt, lastError, inFlight, runs, watch } = entry;
  return {
    name: service.name,
    address: addressOf(service),
    status: report?.status ?? "unknown",
    contract: report?.contract ?? "unchecked",
    ...(report?.latencyMs === undefined ? {} : { latency_ms: Math.round(report.latencyMs * 100) / 100 }),
    in_flight: inFlight,
    ...(lastError === undefined ? {} : { last_error: lastError }),
    ...(checkedAt === undefined ? {} : { checked_at: checkedAt }),
    findings: report?.findings ?? [],
    watched: watch !== undefined,
    used_by: { workflows, runs },
  };
}

export function addressOf({ address }: Service): string {
  return hasReferences(address) ? templateText(address) : address;
}
