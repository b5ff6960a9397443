import type { DockerNode } from "../kinds/docker/node.ts";
import { elsewhereThanDocker, readContainer } from "../kinds/docker/read-container.ts";
import type { ContainerSettings } from "../kinds/docker/read-structured.ts";
import type { GrpcNode } from "../kinds/grpc/node.ts";
import { DEFAULT_CONTAINER_TIMEOUT_MS, DEFAULT_TIMEOUT_MS } from "../model/defaults.ts";
import { placeAt } from "../tree/place.ts";
import type { Problems } from "../tree/problems.ts";
import { quote, type RawObject } from "../tree/raw.ts";
import { type Names, type Reader, readFields, type Values } from "../tree/read-fields.ts";
import type { WorkflowNode } from "../workflow.ts";
import type { Entry } from "./dialects/entries.ts";
import { DOCKER_NODE_KEYS, EXECUTORS, GRPC_NODE_KEYS, type TOP_KEYS } from "./keys.ts";
import { type RetryDefaults, type RetryValues, readRetry } from "./read-retry.ts";

/** What every node of the file falls back on. */
export interface NodeDefaults {
  readonly executor: "grpc" | "docker";
  readonly policies: Values<typeof TOP_KEYS>["defaults"];
  readonly retry: RetryDefaults;
  readonly containers: ContainerSettings;
}

/** A node as far as it could be read, and the names it is linked with. */
export interface ReadNode {
  readonly entry: Entry;
  /** Undefined if anything in it is wrong. */
  readonly node: WorkflowNode | undefined;
  readonly nextNode: Names | undefined;
  readonly dependsOn: Names | undefined;
}

/** @param services names in service_registry; undefined where it is missing, which is reported once */
export function readNode(
  reader: Reader,
  entry: Entry,
  defaults: NodeDefaults,
  services: ReadonlySet<string> | undefined,
): ReadNode {
  const { raw } = entry;
  if (raw === undefined) return { entry, node: undefined, nextNode: undefined, dependsOn: undefined };
  const executor = EXECUTORS.find((one) => one === raw.executor) ?? defaults.executor;
  const before = reader.problems.count();
  const read = executor === "grpc" ? readGrpcNode : readDockerNode;
  const { node, values } = read(reader, entry, raw, defaults, services);
  return {
    entry,
    node: reader.problems.count() === before ? node : undefined,
    nextNode: values.next_node,
    dependsOn: values.depends_on,
  };
}

function readGrpcNode(
  reader: Reader,
  entry: Entry,
  raw: RawObject,
  defaults: NodeDefaults,
  services: ReadonlySet<string> | undefined,
): { node: GrpcNode | undefined; values: Values<typeof GRPC_NODE_KEYS> } {
  const { problems } = reader;
  const { id, place } = entry;
  const values = readFields(reader, raw, place, GRPC_NODE_KEYS, "a grpc node", (key) =>
    Object.hasOwn(DOCKER_NODE_KEYS, key)
      ? `${key} belongs to docker nodes; this one is grpc (executor: docker makes it one)`
      : undefined,
  );
  for (const key of ["input_file", "output_file"] as const) {
    if (Object.hasOwn(raw, key)) continue;
    problems.add("WORKFLOW_MISSING_KEY", `the container ${quote(id)} has no ${key}`, place, { at: "key" });
  }
  const service = values.service ?? id;
  if (services !== undefined && !services.has(service)) reportService(problems, entry, values.service, services);
  const shared = readShared(problems, entry, values, raw, defaults, "grpc");
  if (values.input_file === undefined || values.output_file === undefined) return { node: undefined, values };
  return {
    node: {
      executor: "grpc",
      ...shared,
      service,
      inputFile: values.input_file,
      outputFile: values.output_file,
    },
    values,
  };
}

function reportService(
  problems: Problems,
  { id, idPlace, idAt, place }: Entry,
  named: string | undefined,
  services: ReadonlySet<string>,
): void {
  const suggestion = problems.suggest(named ?? id, services);
  if (named === undefined) {
    const message = `the node ${quote(id)} has no address in service_registry`;
    problems.add("WORKFLOW_UNKNOWN_SERVICE", message, idPlace, { at: idAt, suggestion });
  } else {
    const message = `the service ${quote(named)} has no address in service_registry`;
    problems.add("WORKFLOW_UNKNOWN_SERVICE", message, placeAt(place, "service"), { suggestion });
  }
}

function readDockerNode(
  reader: Reader,
  entry: Entry,
  raw: RawObject,
  defaults: NodeDefaults,
): { node: DockerNode | undefined; values: Values<typeof DOCKER_NODE_KEYS> } {
  const values = readFields(reader, raw, entry.place, DOCKER_NODE_KEYS, "a docker node", elsewhereThanDocker);
  const container = readContainer(reader, entry, raw, values, defaults.containers);
  const shared = readShared(reader.problems, entry, values, raw, defaults, "docker");
  if (container === undefined) return { node: undefined, values };
  return {
    node: {
      executor: "docker",
      ...shared,
      container,
      ...(values.input_file === undefined ? {} : { inputFile: values.input_file }),
      ...(values.output_file === undefined ? {} : { outputFile: values.output_file }),
    },
    values,
  };
}

type SharedValues = Pick<
  Values<typeof GRPC_NODE_KEYS>,
  "name" | "timeout_seconds" | "total_timeout_seconds" | "on_lost"
> & {
  readonly retry?: RetryValues;
};

function readShared(
  problems: Problems,
  entry: Entry,
  values: SharedValues,
  raw: RawObject,
  defaults: NodeDefaults,
  executor: "grpc" | "docker",
): Omit<GrpcNode, "executor" | "service" | "inputFile" | "outputFile"> {
  const { policies } = defaults;
  const totalTimeoutMs = values.total_timeout_seconds ?? policies?.total_timeout_seconds;
  const longestMs = executor === "grpc" ? DEFAULT_TIMEOUT_MS : DEFAULT_CONTAINER_TIMEOUT_MS;
  return {
    id: entry.id,
    ...(values.name === undefined ? {} : { name: values.name }),
    timeoutMs: values.timeout_seconds ?? policies?.timeout_seconds ?? longestMs,
    ...(totalTimeoutMs === undefined ? {} : { totalTimeoutMs }),
    retry: readRetry(problems, defaults.retry, values.retry, raw.retry, placeAt(entry.place, "retry"))[executor],
    onLost: values.on_lost ?? policies?.on_lost ?? "retry",
  };
}
