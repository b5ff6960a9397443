import { type AnyKind, DEFAULT_KIND, KINDS } from "../kinds/kinds.ts";
import { WHEN_FULL } from "../model/concurrency.ts";
import { DEFAULT_MAX_MESSAGE_BYTES, DEFAULT_MAX_PARALLEL } from "../model/defaults.ts";
import { DEFAULT_RETRY } from "../model/retry.ts";
import {
  boolean,
  choice,
  choiceInAnyCase,
  type Fields,
  integer,
  names,
  number,
  object,
  own,
  seconds,
  template,
  text,
} from "../tree/fields.ts";

/**
 * Every key of a workflow file with its type, range and default, but for those of single kinds of nodes, which stand
 * in the folders of the kinds: what the reader, the suggestions and the JSON Schema share. Descriptions are in
 * schema/, which a run does not load.
 */

/** The keys of `retry` that all kinds have; what allows another attempt is said by keys of the kinds. */
const BACKOFF_KEYS = {
  max_attempts: integer(1, 1000, DEFAULT_RETRY.maxAttempts),
  initial_backoff_seconds: seconds(DEFAULT_RETRY.initialBackoffMs),
  backoff_multiplier: number(0, 1000, DEFAULT_RETRY.backoffMultiplier),
  max_backoff_seconds: seconds(DEFAULT_RETRY.maxBackoffMs),
} as const;

/** What `defaults` and every node may say. */
const POLICY_KEYS = {
  total_timeout_seconds: seconds(),
  on_lost: choice(["retry", "fail"], "retry"),
} as const;

const EXECUTORS = KINDS.map(({ executor }) => executor);
const EXECUTOR = choice(EXECUTORS);

/** For people; on as many lines as they like. */
const DESCRIPTION = text(4096, { min: 0, controls: true });

export const NODE_KEYS = {
  id: own,
  name: text(200),
  description: DESCRIPTION,
  executor: EXECUTOR,
  depends_on: names({ nullable: true }),
  next_node: names({ nullable: true }),
  ...POLICY_KEYS,
  timeout_seconds: seconds(undefined, { nullable: true }),
  retry: object("retry", BACKOFF_KEYS),
} as const;
/** What can be read of any node; the keys of its kind are among its values as well. */
export type NodeKeys = typeof NODE_KEYS;

const KEYS_OF: ReadonlyMap<AnyKind, Fields> = new Map(KINDS.map((kind) => [kind, createNodeKeys(kind)]));

/** All keys of a node of a kind. */
export function nodeKeysOf(kind: AnyKind): Fields {
  return KEYS_OF.get(kind) ?? createNodeKeys(kind);
}

function createNodeKeys(kind: AnyKind): Fields {
  return {
    ...NODE_KEYS,
    timeout_seconds: seconds(kind.timeoutMs, { nullable: true }),
    retry: object("retry", { ...BACKOFF_KEYS, ...kind.retry.keys }, hintsAtOtherKinds(kind)),
    ...kind.keys,
  };
}

/** For a key that only nodes of another kind have: where it belongs. */
export function hintAtOtherKind(kind: AnyKind, key: string): string | undefined {
  const other = KINDS.find(({ keys }) => Object.hasOwn(keys, key));
  if (other === undefined) return undefined;
  // Whoever wrote a node of the default kind may not know that there are others.
  const hint = kind === DEFAULT_KIND ? ` (executor: ${other.executor} makes it one)` : "";
  return `${key} belongs to ${other.executor} nodes; this one is ${kind.executor}${hint}`;
}

function hintsAtOtherKinds(kind: AnyKind): { readonly [key: string]: string } {
  const [mine] = Object.keys(kind.retry.keys);
  const instead = mine === undefined ? "" : `; ${describeKind(kind)} has ${mine}`;
  const others = KINDS.flatMap(({ executor, retry }) =>
    Object.keys(retry.keys).map((key) => [key, `${key} belongs to ${executor} nodes${instead}`] as const),
  );
  return Object.fromEntries(others.filter(([key]) => !Object.hasOwn(kind.retry.keys, key)));
}

/** The kind for the middle of a sentence: `a grpc node`. */
export function describeKind({ executor }: AnyKind): string {
  return `${/^[aeiou]/.test(executor) ? "an" : "a"} ${executor} node`;
}

/** `defaults.retry` speaks of all kinds together: each takes what is its own. */
export const ALL_RETRY_KEYS: typeof BACKOFF_KEYS = Object.assign(
  {},
  BACKOFF_KEYS,
  ...KINDS.map(({ retry }) => retry.keys),
);

export const DEFAULTS_KEYS = {
  timeout_seconds: seconds(),
  ...POLICY_KEYS,
  retry: object("retry", ALL_RETRY_KEYS),
} as const;

export const TOP_KEYS = {
  $schema: own,
  workflow_name: text(200),
  description: DESCRIPTION,
  params: own,
  start_node: names({ nullable: false }),
  execution_mode: choiceInAnyCase(EXECUTORS),
  max_parallel: integer(1, 1_000_000, DEFAULT_MAX_PARALLEL),
  on_failure: choice(["stop", "continue"], "stop"),
  total_timeout_seconds: seconds(),
  concurrency: object("concurrency", {
    max_runs: integer(1, 1_000_000),
    key: template({ run: false }),
    when_full: choice(WHEN_FULL, "queue"),
  }),
  service_registry: own,
  defaults: object("defaults", DEFAULTS_KEYS),
} as const;
/** What can be read at the top of any file; the keys of the kinds are among its values as well. */
export type TopKeys = typeof TOP_KEYS;

/** All keys at the top of a file. */
export const ALL_TOP_KEYS: Fields = {
  ...TOP_KEYS,
  ...Object.fromEntries(
    KINDS.flatMap(({ top }) => (top === undefined ? [] : [[top.key, object(top.owner, top.fields)]])),
  ),
  containers: own,
};

export const PARAM_KEYS = {
  type: choice(["string", "integer", "number", "boolean"], "string"),
  default: own,
  description: DESCRIPTION,
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
  proxy: choice(["auto", "off"], "auto"),
} as const;
