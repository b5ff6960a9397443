import type { Diagnostic } from "../../kernel/diagnostics.ts";
import { BusbarError } from "../../kernel/errors.ts";
import { parseTarget } from "../../kernel/target.ts";
import { kindOf } from "../kinds/kinds.ts";
import { metadataKeyOf, type Service } from "../model/service.ts";
import { hasEnvReference, hasReferences } from "../model/template.ts";
import { quote } from "../tree/raw.ts";
import type { Workflow } from "../workflow.ts";
import { judgeTarget } from "./addresses.ts";
import { envNamesOf, type HostPolicy, liesIn, type Refusal, refuseEnv, refuseUnlisted } from "./policy.ts";

/**
 * What of a workflow a host does not allow, all of it at once. What can only be known later (what a name resolves to,
 * where a link leads) is looked at by the executors.
 * @param workflow before references are filled in: what a param may become is another matter than what a file says
 * @param bound    the same afterwards; without it, what has references is passed over
 */
export function checkPolicy(
  policy: HostPolicy | undefined,
  workflow: Workflow,
  bound: Workflow = workflow,
): readonly Diagnostic[] {
  if (policy === undefined) return [];
  const diagnostics: Diagnostic[] = [];
  const add = (place: Diagnostic["path"], { path, message, remedy }: Refusal, at: Diagnostic["at"] = "value"): void => {
    diagnostics.push({ code: "POLICY_REFUSED", message, path: [...place, ...path], at, remedy });
  };
  for (const [name, service] of bound.services) {
    const before = workflow.services.get(name) ?? service;
    for (const refusal of refuseService(policy, service, before, bound !== workflow))
      add(["service_registry", name], refusal);
  }
  for (const node of bound.nodes) {
    for (const refusal of kindOf(node).policy?.refuse(node, policy) ?? []) add(["containers", node.id], refusal);
  }
  return diagnostics;
}

/**
 * Refuses what a host does not allow, before anything of a run is recorded.
 * @throws BusbarError POLICY_REFUSED
 */
export function enforcePolicy(policy: HostPolicy | undefined, workflow: Workflow, bound: Workflow): void {
  const [first, ...others] = checkPolicy(policy, workflow, bound);
  if (first === undefined) return;
  const more = others.length === 0 ? "" : `; and ${others.length} more`;
  throw new BusbarError("POLICY_REFUSED", `${first.path.join(".")}: ${first.message}${more}. ${first.remedy ?? ""}`, {
    details: {
      path: [...first.path],
      refused: [first, ...others].map(({ path, message }) => ({ path: [...path], message })),
    },
  });
}

function refuseService(policy: HostPolicy, service: Service, before: Service, isBound: boolean): readonly Refusal[] {
  return [
    ...refuseAddress(policy, service, before),
    ...[...service.metadata].flatMap(([name, value]) =>
      refuseEnv(policy, ["metadata", metadataKeyOf(service, name)], envNamesOf(value)),
    ),
    ...refuseTls(policy, service, isBound),
  ];
}

function refuseAddress(policy: HostPolicy, { address }: Service, before: Service): readonly Refusal[] {
  const path = ["address"];
  if (hasReferences(before.address)) {
    // Whoever gives the params would choose to whom the host's secret is sent.
    const secret = [...before.metadata].find(([, value]) => hasEnvReference(value));
    if (secret !== undefined) {
      const message = `a service whose metadata ${quote(metadataKeyOf(before, secret[0]))} comes from the environment takes no reference in its address on this host`;
      return [{ path, message, remedy: "Write the address out in the file, or leave the metadata out." }];
    }
    if (policy.addresses === undefined) {
      const message = `references in an address are not allowed on this host: ${policy.name} has no addresses, which would say what it may become`;
      const remedy = `Write the address out in the file, or have whoever runs this host list addresses in ${policy.name}.`;
      return [{ path, message, remedy }];
    }
  }
  if (typeof address !== "string") return [];
  const target = parseTarget(address);
  if (!target.ok || judgeTarget(policy.addresses, target.value) !== "no") return [];
  if (policy.addresses !== undefined) {
    const listed = policy.addresses.map(({ text }) => text);
    return [refuseUnlisted(policy, path, `the address ${quote(address)}`, "addresses", listed, quote(address))];
  }
  const message = `the address ${quote(address)} is not allowed on this host: sockets of the machine, link-local addresses and those that answer for its credentials must be listed in addresses of ${policy.name}`;
  return [{ path, message, remedy: `Change the file, or have whoever runs this host list it in ${policy.name}.` }];
}

function refuseTls(policy: HostPolicy, { tls }: Service, isBound: boolean): readonly Refusal[] {
  const files = { ca_file: tls?.caFile, cert_file: tls?.certFile, key_file: tls?.keyFile };
  return Object.entries(files).flatMap(([key, file]) => {
    if (typeof file !== "string" || (!isBound && !file.startsWith("/"))) return [];
    if (policy.files.some((folder) => liesIn(file, folder))) return [];
    return [refuseUnlisted(policy, ["tls", key], `the file ${quote(file)}`, "files", policy.files, "its folder")];
  });
}
