import { GRPC_STATUSES } from "../kinds/grpc/statuses.ts";
import {
  DEFAULT_CONTAINER_TIMEOUT_MS,
  DEFAULT_MAX_MESSAGE_BYTES,
  DEFAULT_MAX_PARALLEL,
  DEFAULT_TIMEOUT_MS,
} from "../model/defaults.ts";
import { DEFAULT_RETRY } from "../model/retry.ts";
import {
  boolean,
  choice,
  choices,
  integer,
  integers,
  names,
  number,
  object,
  own,
  seconds,
  template,
  text,
} from "../tree/fields.ts";

/**
 * Every key of a workflow file with its type, range and default: the one list that the reader, the
 * suggestions and the JSON Schema share. Descriptions are in schema.ts, which a run does not load.
 */

const ANY_RETRY = {
  max_attempts: integer(1, 1000, DEFAULT_RETRY.maxAttempts),
  initial_backoff_seconds: seconds(DEFAULT_RETRY.initialBackoffMs),
  backoff_multiplier: number(0, 1000, DEFAULT_RETRY.backoffMultiplier),
  max_backoff_seconds: seconds(DEFAULT_RETRY.maxBackoffMs),
} as const;

const GRPC_RETRY = {
  retryable_status_codes: choices(GRPC_STATUSES, ["UNAVAILABLE"]),
  retry_failure_reply: boolean(false),
} as const;

const DOCKER_RETRY = { retryable_exit_codes: integers(1, 255) } as const;

/** Of all nodes together: each takes what is its own. */
export const DEFAULT_RETRY_KEYS = { ...ANY_RETRY, ...GRPC_RETRY, ...DOCKER_RETRY } as const;

const OF_DOCKER = "retryable_exit_codes belongs to docker nodes; a grpc node has retryable_status_codes";
const of = (key: string) => `${key} belongs to grpc nodes; a docker node has retryable_exit_codes`;

/** What `defaults` and every node may say. */
const ANY_POLICY = {
  total_timeout_seconds: seconds(),
  on_lost: choice(["retry", "fail"], "retry"),
} as const;

const POLICY = {
  timeout_seconds: seconds(),
  ...ANY_POLICY,
  retry: object("retry", DEFAULT_RETRY_KEYS),
} as const;

export const EXECUTORS = ["grpc", "docker"] as const;

export const TOP_KEYS = {
  $schema: own,
  workflow_name: text(200),
  params: own,
  start_node: names({ nullable: false }),
  execution_mode: choice(EXECUTORS),
  max_parallel: integer(1, 1_000_000, DEFAULT_MAX_PARALLEL),
  on_failure: choice(["stop", "continue"], "stop"),
  total_timeout_seconds: seconds(),
  service_registry: own,
  defaults: object("defaults", POLICY),
  docker: object("docker settings", { allow: own, engine: choice(["docker", "podman"], "docker") }),
  containers: own,
} as const;

const ANY_NODE = {
  id: own,
  name: text(200),
  executor: choice(EXECUTORS),
  depends_on: names({ nullable: true }),
  next_node: names({ nullable: true }),
  ...ANY_POLICY,
} as const;

export const GRPC_NODE_KEYS = {
  ...ANY_NODE,
  timeout_seconds: seconds(DEFAULT_TIMEOUT_MS),
  retry: object("retry", { ...ANY_RETRY, ...GRPC_RETRY }, { retryable_exit_codes: OF_DOCKER }),
  service: text(100),
  input_file: template(),
  output_file: template(),
} as const;

export const DOCKER_NODE_KEYS = {
  ...ANY_NODE,
  timeout_seconds: seconds(DEFAULT_CONTAINER_TIMEOUT_MS),
  retry: object(
    "retry",
    { ...ANY_RETRY, ...DOCKER_RETRY },
    {
      retryable_status_codes: of("retryable_status_codes"),
      retry_failure_reply: of("retry_failure_reply"),
    },
  ),
  command: text(16_384, { controls: true }),
  docker: own,
  input_file: template(),
  output_file: template(),
} as const;

/** The structured form of a container. */
export const CONTAINER_KEYS = {
  image: own,
  args: own,
  volumes: own,
  env: own,
  network: text(200),
  user: text(200),
  memory: text(20),
  cpus: number(0, 1024),
} as const;

export const PARAM_KEYS = {
  type: choice(["string", "integer", "number", "boolean"], "string"),
  default: own,
  description: text(4096, { min: 0, controls: true }),
} as const;

export const SERVICE_KEYS = {
  address: template(),
  tls: object("tls", {
    ca_file: template(),
    cert_file: template(),
    key_file: template(),
    server_name: text(253),
  }),
  metadata: own,
  health: choice(["required", "optional", "off"], "optional"),
  max_concurrency: integer(1, 1_000_000),
  max_message_bytes: integer(1, 2_147_483_647, DEFAULT_MAX_MESSAGE_BYTES),
  allow_plaintext: boolean(false),
} as const;
