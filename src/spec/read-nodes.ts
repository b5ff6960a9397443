import { DEFAULT_TIMEOUT_MS, FAILURE_REPLY } from "./defaults.ts";
import type { Entry } from "./dialects/entries.ts";
import { type CommandProblem, problemOfCommand } from "./docker-command.ts";
import { DOCKER_NODE_KEYS, EXECUTORS, GRPC_NODE_KEYS, type TOP_KEYS } from "./keys.ts";
import { type Place, placeAt } from "./place.ts";
import type { Problems } from "./problems.ts";
import { quote, type RawObject } from "./raw.ts";
import { type Names, type Reader, readFields, type Values } from "./read-fields.ts";
import type { DockerNode, GrpcNode, RetryPolicy, WorkflowNode } from "./workflow.ts";

/** What every node of the file falls back on. */
export interface NodeDefaults {
  readonly executor: "grpc" | "docker";
  readonly policies: Values<typeof TOP_KEYS>["defaults"];
  readonly retry: RetryPolicy;
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
    Object.hasOwn(DOCKER_NODE_KEYS, key) ? `${key} belongs to docker nodes; this one is grpc` : undefined,
  );
  for (const key of ["input_file", "output_file"] as const) {
    if (Object.hasOwn(raw, key)) continue;
    problems.add("WORKFLOW_MISSING_KEY", `the container ${quote(id)} has no ${key}`, place, { at: "key" });
  }
  const service = values.service ?? id;
  if (services !== undefined && !services.has(service)) reportService(problems, entry, values.service, services);
  const shared = readShared(problems, entry, values, raw, defaults);
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

const COMMAND_PROBLEMS: Record<CommandProblem, (id: string) => string> = {
  "not-docker-run": (id) => `the command of ${quote(id)} must be a docker run line`,
  "unclosed-quote": (id) => `the command of ${quote(id)} has a quote that is not closed`,
  volume: (id) => `the command of ${quote(id)} mounts no volume; Busbar adds none by itself`,
};

function readDockerNode(
  reader: Reader,
  entry: Entry,
  raw: RawObject,
  defaults: NodeDefaults,
): { node: DockerNode | undefined; values: Values<typeof DOCKER_NODE_KEYS> } {
  const { problems } = reader;
  const { id, place } = entry;
  const values = readFields(reader, raw, place, DOCKER_NODE_KEYS, "a docker node", (key) =>
    Object.hasOwn(GRPC_NODE_KEYS, key) ? `${key} belongs to grpc nodes; this one is docker` : undefined,
  );
  const { command } = values;
  if (!Object.hasOwn(raw, "command")) {
    problems.add("WORKFLOW_MISSING_KEY", `the container ${quote(id)} has no command`, place, { at: "key" });
  }
  const problem = command === undefined ? undefined : problemOfCommand(command);
  if (problem !== undefined) {
    const code = problem === "volume" ? "WORKFLOW_MISSING_VOLUME" : "WORKFLOW_INVALID_VALUE";
    problems.add(code, COMMAND_PROBLEMS[problem](id), placeAt(place, "command"));
  }
  const shared = readShared(problems, entry, values, raw, defaults);
  if (command === undefined) return { node: undefined, values };
  return {
    node: {
      executor: "docker",
      ...shared,
      command,
      ...(values.input_file === undefined ? {} : { inputFile: values.input_file }),
      ...(values.output_file === undefined ? {} : { outputFile: values.output_file }),
    },
    values,
  };
}

type SharedValues = Pick<
  Values<typeof GRPC_NODE_KEYS>,
  "name" | "timeout_seconds" | "total_timeout_seconds" | "retry" | "on_lost"
>;

function readShared(
  problems: Problems,
  entry: Entry,
  values: SharedValues,
  raw: RawObject,
  defaults: NodeDefaults,
): Omit<GrpcNode, "executor" | "service" | "inputFile" | "outputFile"> {
  const { policies } = defaults;
  const totalTimeoutMs = values.total_timeout_seconds ?? policies?.total_timeout_seconds;
  return {
    id: entry.id,
    ...(values.name === undefined ? {} : { name: values.name }),
    timeoutMs: values.timeout_seconds ?? policies?.timeout_seconds ?? DEFAULT_TIMEOUT_MS,
    ...(totalTimeoutMs === undefined ? {} : { totalTimeoutMs }),
    retry:
      values.retry === undefined
        ? defaults.retry
        : mergeRetry(problems, defaults.retry, values.retry, raw.retry, placeAt(entry.place, "retry")),
    onLost: values.on_lost ?? policies?.on_lost ?? "retry",
  };
}

/** What the file says on top of what holds without it. */
export function mergeRetry(
  problems: Problems,
  base: RetryPolicy,
  values: NonNullable<SharedValues["retry"]>,
  raw: unknown,
  place: Place,
): RetryPolicy {
  const codes = values.retryable_status_codes ?? base.retryOn.filter((status) => status !== FAILURE_REPLY);
  const failureReply = values.retry_failure_reply ?? base.retryOn.includes(FAILURE_REPLY);
  const policy: RetryPolicy = {
    maxAttempts: values.max_attempts ?? base.maxAttempts,
    initialBackoffMs: values.initial_backoff_seconds ?? base.initialBackoffMs,
    backoffMultiplier: values.backoff_multiplier ?? base.backoffMultiplier,
    maxBackoffMs: values.max_backoff_seconds ?? base.maxBackoffMs,
    retryOn: failureReply ? [...codes, FAILURE_REPLY] : codes,
  };
  if (policy.initialBackoffMs > policy.maxBackoffMs) {
    const [initial, max] = [policy.initialBackoffMs / 1000, policy.maxBackoffMs / 1000];
    const message = `initial_backoff_seconds ${initial} is more than max_backoff_seconds ${max}`;
    const key = values.initial_backoff_seconds === undefined ? "max_backoff_seconds" : "initial_backoff_seconds";
    if (typeof raw === "object") problems.add("WORKFLOW_INVALID_VALUE", message, placeAt(place, key));
  }
  return policy;
}
