import type { Container } from "../spec/kinds/docker/node.ts";
import { FAILURE_REPLY } from "../spec/kinds/grpc/statuses.ts";
import type { ParamDeclaration } from "../spec/model/param.ts";
import type { RetryPolicy } from "../spec/model/retry.ts";
import type { Service, Tls } from "../spec/model/service.ts";
import type { Template } from "../spec/model/template.ts";
import { templateText } from "../spec/model/template-text.ts";
import type { Workflow, WorkflowNode } from "../spec/workflow.ts";

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
    execution_mode: "grpc",
    max_parallel: workflow.maxParallel,
    on_failure: workflow.onFailure,
    ...(workflow.totalTimeoutMs === undefined ? {} : { total_timeout_seconds: workflow.totalTimeoutMs / 1000 }),
    params: record([...workflow.params.values()].map((param) => [param.name, paramFile(param)])),
    ...dockerSettings(workflow.nodes),
    service_registry: record([...workflow.services.values()].map((service) => [service.name, serviceFile(service)])),
    containers,
  };
}

function dockerSettings(nodes: readonly WorkflowNode[]): object {
  const containers = nodes.flatMap((node) => (node.executor === "docker" ? [node.container] : []));
  if (containers.length === 0) return {};
  const engine = containers.some(({ program }) => program === "podman") ? "podman" : "docker";
  return { docker: { allow: containers[0]?.allow ?? [], engine } };
}

function nodeFile(node: WorkflowNode): object {
  return {
    id: node.id,
    ...(node.name === undefined ? {} : { name: node.name }),
    executor: node.executor,
    ...(node.executor === "grpc" ? { service: node.service } : containerFile(node.container)),
    ...optional("input_file", node.inputFile),
    ...optional("output_file", node.outputFile),
    timeout_seconds: node.timeoutMs / 1000,
    ...(node.totalTimeoutMs === undefined ? {} : { total_timeout_seconds: node.totalTimeoutMs / 1000 }),
    retry: retryFile(node.retry, node.executor),
    on_lost: node.onLost,
  };
}

/** As a command where it can be said in one, which every container without references can. */
function containerFile({ program, options, image, args, env }: Container): object {
  const words = [program, "run", ...options, image, ...args].filter((one) => typeof one === "string");
  if (words.length === options.length + args.length + 3 && Object.keys(env).length === 0) {
    return { command: words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ") };
  }
  const texts = options.map(templateText);
  const valuesOf = (name: string): readonly string[] =>
    texts.filter((text) => text.startsWith(`--${name}=`)).map((text) => text.slice(name.length + 3));
  const single = (name: string, read: (text: string) => unknown): object =>
    Object.fromEntries(valuesOf(name).map((text) => [name, read(text)]));
  return {
    docker: {
      image: templateText(image),
      args: args.map(templateText),
      volumes: valuesOf("volume"),
      env: record([
        ...valuesOf("env").map(
          (text) => [text.slice(0, text.indexOf("=")), text.slice(text.indexOf("=") + 1)] as const,
        ),
        ...Object.entries(env).map(([name, value]) => [name, templateText(value)] as const),
      ]),
      ...single("network", String),
      ...single("user", String),
      ...single("memory", String),
      ...single("cpus", Number),
    },
  };
}

function retryFile(retry: RetryPolicy, executor: WorkflowNode["executor"]): object {
  const shared = {
    max_attempts: retry.maxAttempts,
    initial_backoff_seconds: retry.initialBackoffMs / 1000,
    backoff_multiplier: retry.backoffMultiplier,
    max_backoff_seconds: retry.maxBackoffMs / 1000,
  };
  if (executor === "docker") {
    const codes = retry.retryOn.filter((status) => status.startsWith("EXIT_"));
    return { ...shared, retryable_exit_codes: codes.map((code) => Number(code.slice("EXIT_".length))) };
  }
  return {
    ...shared,
    retryable_status_codes: retry.retryOn.filter((status) => status !== FAILURE_REPLY),
    retry_failure_reply: retry.retryOn.includes(FAILURE_REPLY),
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
