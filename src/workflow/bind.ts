import { dirname, resolve } from "node:path";
import type { Diagnostic } from "../kernel/diagnostics.ts";
import { err, ok, type Result } from "../kernel/result.ts";
import { kindOf } from "./kinds/kinds.ts";
import type { Concurrency } from "./model/concurrency.ts";
import { metadataKeyOf, type Service, type Tls } from "./model/service.ts";
import type { Template } from "./model/template.ts";
import { type Binding, bindTemplate, hasReferences } from "./model/template.ts";
import { checkAddress, METADATA_VALUE, reportPlaintextSecret } from "./read/read-services.ts";
import { bindText } from "./tree/bind-text.ts";
import { type Place, placeAt } from "./tree/place.ts";
import { createProblems, type Problems } from "./tree/problems.ts";
import { quote } from "./tree/raw.ts";
import type { Workflow, WorkflowNode } from "./workflow.ts";

/**
 * The workflow with its references filled in, once, when the run is created. Only `env` references in
 * metadata remain: they are read when the call is made. Nodes and services without references are the same
 * objects as before; tls paths are absolute afterwards.
 *
 * What params made wrong (an address without a port, an empty path) is reported as the file's problem.
 */
export function bindWorkflow(workflow: Workflow, binding: Binding): Result<Workflow, readonly Diagnostic[]> {
  const problems = createProblems();
  const nodes = bindNodes(problems, workflow, binding);
  const folder = workflow.definition.file === undefined ? undefined : dirname(workflow.definition.file);
  const services = new Map<string, Service>();
  for (const [name, service] of workflow.services) {
    const place = placeAt(placeAt(undefined, "service_registry"), name);
    services.set(name, bindService(problems, service, binding, folder, place));
  }
  const concurrency = bindConcurrency(problems, workflow.concurrency, binding);
  if (problems.count() > 0) return err(problems.all(workflow.definition.text));
  return ok(Object.freeze({ ...workflow, nodes, services, ...(concurrency && { concurrency }) }));
}

function bindNodes(problems: Problems, { nodes }: Workflow, binding: Binding): readonly WorkflowNode[] {
  const place = placeAt(undefined, "containers");
  const bound = nodes.map((node) => kindOf(node).bind(problems, node, binding, placeAt(place, node.id)));
  return bound.some((node, position) => node !== nodes[position]) ? bound : nodes;
}

function bindConcurrency(
  problems: Problems,
  concurrency: Concurrency | undefined,
  binding: Binding,
): Concurrency | undefined {
  if (concurrency?.key === undefined) return concurrency;
  return {
    ...concurrency,
    key: bindText(problems, concurrency.key, binding, placeAt(undefined, "concurrency"), "key"),
  };
}

function bindService(
  problems: Problems,
  service: Service,
  binding: Binding,
  folder: string | undefined,
  place: Place,
): Service {
  const metadata = [...service.metadata];
  if (
    !hasReferences(service.address) &&
    service.tls === undefined &&
    !metadata.some(([, value]) => hasReferences(value))
  ) {
    return service;
  }
  const address = bindTemplate(service.address, binding);
  const bound: Service = {
    ...service,
    address,
    ...(service.tls === undefined
      ? {}
      : { tls: bindTls(problems, service.tls, binding, folder, placeAt(place, "tls")) }),
    metadata: new Map(metadata.map(([name, value]) => [name, bindTemplate(value, binding)])),
  };
  for (const [name, value] of bound.metadata) {
    const literals = typeof value === "string" ? [value] : value.filter((part) => typeof part === "string");
    if (literals.every((text) => METADATA_VALUE.test(text))) continue;
    const key = metadataKeyOf(service, name);
    const message = `metadata ${quote(key)} has a character that gRPC does not allow once its references are filled in`;
    problems.add("WORKFLOW_INVALID_VALUE", message, placeAt(placeAt(place, "metadata"), key));
  }
  // An address without references was checked when the file was read.
  if (hasReferences(service.address) && checkAddress(problems, address, placeAt(place, "address"))) {
    reportPlaintextSecret(problems, bound, place);
  }
  return bound;
}

function bindTls(problems: Problems, tls: Tls, binding: Binding, folder: string | undefined, place: Place): Tls {
  const bound = (template: Template, key: string): string => {
    const path = bindText(problems, template, binding, place, key);
    // Without a file there is no folder to start from; the path is then relative to the working directory.
    const text = typeof path === "string" ? path : "";
    return folder === undefined ? text : resolve(folder, text);
  };
  return {
    ...(tls.caFile === undefined ? {} : { caFile: bound(tls.caFile, "ca_file") }),
    ...(tls.certFile === undefined ? {} : { certFile: bound(tls.certFile, "cert_file") }),
    ...(tls.keyFile === undefined ? {} : { keyFile: bound(tls.keyFile, "key_file") }),
    ...(tls.serverName === undefined ? {} : { serverName: tls.serverName }),
  };
}
