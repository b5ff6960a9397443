// What editors show for a key. Loaded for the JSON Schema only; what single kinds of nodes have is in their folders.
import type { KindSchema } from "../kinds/kind-schema.ts";
import type { AnyKind } from "../kinds/kinds.ts";
import type { NodeKeys, PARAM_KEYS, SERVICE_KEYS, TopKeys } from "../read/keys.ts";
import type { DescriptionsOf, InnerDescriptions, Texts } from "./object-schema.ts";
import { REFERENCES } from "./references.ts";

/** A kind with what it says of itself. */
export interface KindWithSchema {
  readonly kind: AnyKind;
  readonly schema: KindSchema;
}

const TOP: DescriptionsOf<TopKeys> = {
  $schema: "Where this schema is; for editors.",
  workflow_name: "Name of the workflow, for people and lists of runs.",
  description: "What the workflow is for; for people.",
  params: "Values that a run is given with --param NAME=VALUE. Not for secrets.",
  start_node:
    "The node or nodes to begin with; they wait for no other. May be left out where no node has next_node: then all nodes without upstream.",
  execution_mode: "Executor of the nodes that name none themselves; upper and lower case are the same.",
  max_parallel: "Outstanding attempts of one run.",
  on_failure:
    "After a node has failed: `stop` starts nothing new, `continue` goes on with all that does not depend on it.",
  total_timeout_seconds: "Bounds the whole run.",
  concurrency:
    "How many runs of this workflow a server lets go on at once; for runs without a server it means nothing.",
  service_registry: "Services by name: an address, or an object that says more.",
  defaults: "What holds for every node that says nothing itself.",
};

export function describeTop(kinds: readonly KindWithSchema[]): Texts {
  const ofKinds = kinds.flatMap(({ kind, schema }) =>
    kind.top === undefined ? [] : [[kind.top.key, schema.top?.description ?? ""] as const],
  );
  return {
    ...TOP,
    ...Object.fromEntries(ofKinds),
    containers: "The nodes of the workflow by id, or as a list of nodes that each have an id.",
  };
}

const POLICY = {
  total_timeout_seconds: "Bounds all attempts of the node and the waits between them.",
  retry: "When a failed attempt is made again. Names follow gRPC's service config.",
  on_lost:
    "What happens to an attempt whose outcome was not recorded because Busbar ended: `retry` makes it again with the same idempotency key, `fail` is for work that must never run twice.",
};

function describePolicy(kinds: readonly KindWithSchema[]): typeof POLICY & { readonly timeout_seconds: string } {
  const bounds = kinds.map(({ kind, schema }) => `${schema.attempt} (${kind.timeoutMs / 1000} by default)`);
  return { timeout_seconds: `Bounds one attempt: ${bounds.join(", or ")}.`, ...POLICY };
}

export function describeNode(kinds: readonly KindWithSchema[], schema: KindSchema): Texts {
  const any: DescriptionsOf<NodeKeys> = {
    id: "The id of the node; in an object of nodes it may be left out, and otherwise equals its key.",
    name: "A name for people.",
    description: "What the node is for; for people.",
    executor: "What performs the node; execution_mode by default.",
    depends_on: "The node or nodes this one waits for; null or an empty text is none.",
    next_node: "The node or nodes that wait for this one; null or an empty text is none.",
    ...describePolicy(kinds),
  };
  return { ...any, ...schema.descriptions };
}

export const PARAM: DescriptionsOf<typeof PARAM_KEYS> = {
  type: "How a given value is read.",
  default: "A literal of the type. Without one the param must be given.",
  description: "For people.",
};

export const SERVICE: DescriptionsOf<typeof SERVICE_KEYS> = {
  address: `host:port, [ipv6]:port, dns:///host:port, ipv4:1.2.3.4:port, ipv6:[::1]:port or unix:path. ${REFERENCES}`,
  tls: "Speaks TLS; {} trusts the system's certificate authorities.",
  metadata: "gRPC metadata of every call, by name. May also refer to ${env.NAME}, which is read when the call is made.",
  health:
    "Whether grpc.health.v1 is asked before a run: `required` fails where it is not offered, `optional` does not, `off` does not ask.",
  max_concurrency: "Outstanding attempts at this address in one process, over all its runs.",
  max_message_bytes: "Largest message either way.",
  allow_plaintext: "Lets metadata from the environment travel unencrypted to an address that is not loopback.",
  proxy:
    "`auto`: the service is called through the proxy that grpc_proxy, https_proxy or http_proxy names, unless no_proxy excepts it or it is on this machine. `off`: never.",
};

const RETRY = {
  max_attempts: "Failed attempts after which the node fails; 1 is no retry.",
  initial_backoff_seconds: "The wait after the first failure, before a random factor in [0.8, 1.2).",
  backoff_multiplier: "What each further wait is multiplied by.",
  max_backoff_seconds: "The longest wait, before the random factor.",
};

const TLS = {
  ca_file: `Certificates to trust instead of the system's authorities, PEM: of authorities, or of the service itself. Relative to the folder of this file. ${REFERENCES}`,
  cert_file: "Certificate to show to the service, PEM; with key_file.",
  key_file: "Its private key, PEM.",
  server_name: "The name the service's certificate is for, where it is not the host of the address.",
};

const CONCURRENCY: DescriptionsOf<TopKeys["concurrency"]["fields"]> = {
  max_runs: "Runs that go on at once, of this name and key.",
  key: "Runs are counted by this text: `${params.NAME}` gives each value of a param a count of its own. Without it all runs of this name are counted together.",
  when_full:
    "What becomes of one more: `queue` lets it wait for its turn, `reject` refuses it, `cancel_oldest` cancels the oldest run that has not ended, of those that wait first.",
};

/** Of the objects within those above. */
export function describeInner(kinds: readonly KindWithSchema[]): InnerDescriptions {
  return {
    defaults: { descriptions: describePolicy(kinds) },
    retry: { descriptions: Object.assign({}, RETRY, ...kinds.map(({ schema }) => schema.retry)) },
    tls: { descriptions: TLS },
    concurrency: { descriptions: CONCURRENCY },
    ...Object.assign({}, ...kinds.map(({ schema }) => schema.top?.inner)),
  };
}
