import { DEFAULT_KIND, kindOf } from "../workflow/kinds/kinds.ts";
import type { Concurrency } from "../workflow/model/concurrency.ts";
import type { ParamDeclaration } from "../workflow/model/param.ts";
import type { Service, Tls } from "../workflow/model/service.ts";
import type { Template } from "../workflow/model/template.ts";
import { templateText } from "../workflow/model/template-text.ts";
import type { Workflow, WorkflowNode } from "../workflow/workflow.ts";

/** A workflow as the JSON text of a file that parses to it again. Every value is written out, also the defaults. */
export function workflowText(workflow: Omit<Workflow, "definition">): string {
  return JSON.stringify(workflowFile(workflow), undefined, 2);
}

/** The tree of that file. Null-prototype objects, so that any id is a plain key. */
export function workflowFile(workflow: Omit<Workflow, "definition">): object {
  const { graph } = workflow;
  const containers = record(
    workflow.nodes.map((node, position) => {
      const next = (graph.downstream[position] ?? []).map((to) => graph.ids[to] ?? "");
      return [node.id, { ...nodeFile(node), next_node: next.length === 0 ? null : next }];
    }),
  );
  return {
    workflow_name: workflow.name,
    start_node: graph.ids.filter((_, position) => graph.upstream[position]?.length === 0),
    execution_mode: DEFAULT_KIND.executor,
    max_parallel: workflow.maxParallel,
    on_failure: workflow.onFailure,
    ...(workflow.totalTimeoutMs === undefined ? {} : { total_timeout_seconds: workflow.totalTimeoutMs / 1000 }),
    ...(workflow.concurrency === undefined ? {} : { concurrency: concurrencyFile(workflow.concurrency) }),
    params: record([...workflow.params.values()].map((param) => [param.name, paramFile(param)])),
    ...kindSettings(workflow.nodes),
    service_registry: record([...workflow.services.values()].map((service) => [service.name, serviceFile(service)])),
    containers,
  };
}

function concurrencyFile({ maxRuns, key, whenFull }: Concurrency): object {
  return { max_runs: maxRuns, ...(key === undefined ? {} : { key: templateText(key) }), when_full: whenFull };
}

/** What the top of the file says of the nodes of each kind that there is. */
function kindSettings(nodes: readonly WorkflowNode[]): object {
  const settings = [...Map.groupBy(nodes, kindOf)].map(([{ top }, mine]) =>
    top === undefined ? {} : { [top.key]: top.write(mine) },
  );
  return Object.assign({}, ...settings);
}

function nodeFile(node: WorkflowNode): object {
  const kind = kindOf(node);
  const { retry } = node;
  return {
    id: node.id,
    ...(node.name === undefined ? {} : { name: node.name }),
    executor: node.executor,
    ...kind.write(node),
    timeout_seconds: node.timeoutMs / 1000,
    ...(node.totalTimeoutMs === undefined ? {} : { total_timeout_seconds: node.totalTimeoutMs / 1000 }),
    retry: {
      max_attempts: retry.maxAttempts,
      initial_backoff_seconds: retry.initialBackoffMs / 1000,
      backoff_multiplier: retry.backoffMultiplier,
      max_backoff_seconds: retry.maxBackoffMs / 1000,
      ...kind.retry.write(retry.retryOn),
    },
    on_lost: node.onLost,
  };
}

function serviceFile(service: Service): object {
  return {
    address: templateText(service.address),
    ...(service.tls === undefined ? {} : { tls: tlsFile(service.tls) }),
    metadata: record([...service.metadata].map(([key, value]) => [key, templateText(value)])),
    health: service.health,
    ...(service.maxConcurrency === undefined ? {} : { max_concurrency: service.maxConcurrency }),
    max_message_bytes: service.maxMessageBytes,
    allow_plaintext: service.allowPlaintext,
    ...(service.proxy === "auto" ? {} : { proxy: service.proxy }),
  };
}

function tlsFile(tls: Tls): object {
  return {
    ...optional("ca_file", tls.caFile),
    ...optional("cert_file", tls.certFile),
    ...optional("key_file", tls.keyFile),
    ...(tls.serverName === undefined ? {} : { server_name: tls.serverName }),
  };
}

function paramFile(param: ParamDeclaration): object {
  return {
    type: param.type,
    ...(param.default === undefined ? {} : { default: param.default }),
    ...(param.description === undefined ? {} : { description: param.description }),
  };
}

function optional(key: string, template: Template | undefined): object {
  return template === undefined ? {} : { [key]: templateText(template) };
}

function record(entries: readonly (readonly [string, unknown])[]): object {
  const object = Object.create(null) as Record<string, unknown>;
  for (const [key, value] of entries) object[key] = value;
  return object;
}
