// What editors show for a key. Loaded for the JSON Schema only.
import type {
  CONTAINER_KEYS,
  DOCKER_NODE_KEYS,
  GRPC_NODE_KEYS,
  PARAM_KEYS,
  SERVICE_KEYS,
  TOP_KEYS,
} from "../read/keys.ts";

type Descriptions<Keys> = { readonly [K in keyof Keys]: string };

const REFERENCES = "May refer to ${params.NAME}, ${run.id} and ${run.started_at}; $${ is a literal ${.";

export const TOP: Descriptions<typeof TOP_KEYS> = {
  $schema: "Where this schema is; for editors.",
  workflow_name: "Name of the workflow, for people and lists of runs.",
  params: "Values that a run is given with --param NAME=VALUE. Not for secrets.",
  start_node:
    "The node or nodes to begin with; they wait for no other. May be left out where no node has next_node: then all nodes without upstream.",
  execution_mode: "Executor of the nodes that name none themselves.",
  max_parallel: "Outstanding attempts of one run.",
  on_failure:
    "After a node has failed: `stop` starts nothing new, `continue` goes on with all that does not depend on it.",
  total_timeout_seconds: "Bounds the whole run.",
  service_registry: "Services by name: an address, or an object that says more.",
  defaults: "What holds for every node that says nothing itself.",
  docker: "What holds for all containers of the file.",
  containers: "The nodes of the workflow by id, or as a list of nodes that each have an id.",
};

const POLICY = {
  timeout_seconds:
    "Bounds one attempt: a call, whose gRPC deadline it is (30 by default), or a container (3600 by default).",
  total_timeout_seconds: "Bounds all attempts of the node and the waits between them.",
  retry: "When a failed attempt is made again. Names follow gRPC's service config.",
  on_lost:
    "What happens to an attempt whose outcome was not recorded because Busbar ended: `retry` makes it again with the same idempotency key, `fail` is for work that must never run twice.",
};

const NODE = {
  id: "The id of the node; in an object of nodes it may be left out, and otherwise equals its key.",
  name: "A name for people.",
  executor: "What performs the node; execution_mode by default.",
  depends_on: "The node or nodes this one waits for.",
  next_node: "The node or nodes that wait for this one.",
  ...POLICY,
};

export const GRPC_NODE: Descriptions<typeof GRPC_NODE_KEYS> = {
  ...NODE,
  service: "Name of the service in service_registry; the node's own id by default.",
  input_file: `The path the service reads, sent exactly as it stands here. ${REFERENCES}`,
  output_file: `The path the service writes, sent exactly as it stands here. ${REFERENCES}`,
};

export const DOCKER_NODE: Descriptions<typeof DOCKER_NODE_KEYS> = {
  ...NODE,
  command:
    "A `docker run …` or `podman run …` line, split into words and run without a shell: no pipes, expansions or redirections. It must mount a volume (-v, --volume or --mount) by absolute path; Busbar adds none by itself.",
  docker: "The same in parts, instead of command.",
  input_file: "Recorded, not used.",
  output_file: "Recorded, not used.",
};

export const CONTAINER: Descriptions<typeof CONTAINER_KEYS> = {
  image: `The image. ${REFERENCES}`,
  args: `What the image is run with, one text an argument. ${REFERENCES}`,
  volumes: `HOST_PATH:CONTAINER_PATH, with :ro at the end for read-only; the host path is absolute, or the name of a volume. [] says that there are none, on purpose. ${REFERENCES}`,
  env: `Variables by name. ${REFERENCES} Also \${env.NAME}, which is read when the container is started and never recorded.`,
  network: "The network to join; `none` is no network at all.",
  user: "Who the container runs as: a name or number, with :GROUP after it.",
  memory: "The most memory it may use: bytes, or a number with k, m or g.",
  cpus: "The most processors it may use.",
};

export const PARAM: Descriptions<typeof PARAM_KEYS> = {
  type: "How a given value is read.",
  default: "A literal of the type. Without one the param must be given.",
  description: "For people.",
};

export const SERVICE: Descriptions<typeof SERVICE_KEYS> = {
  address: `host:port, [ipv6]:port, dns:///host:port or unix:path. ${REFERENCES}`,
  tls: "Speaks TLS; {} trusts the system's certificate authorities.",
  metadata: "gRPC metadata of every call, by name. May also refer to ${env.NAME}, which is read when the call is made.",
  health:
    "Whether grpc.health.v1 is asked before a run: `required` fails where it is not offered, `optional` does not, `off` does not ask.",
  max_concurrency: "Outstanding attempts at this address in one process, over all its runs.",
  max_message_bytes: "Largest message either way.",
  allow_plaintext: "Lets metadata from the environment travel unencrypted to an address that is not loopback.",
};

/** Of the objects within those above. */
export const INNER: { readonly [owner: string]: { readonly [key: string]: string } } = {
  defaults: POLICY,
  retry: {
    max_attempts: "Failed attempts after which the node fails; 1 is no retry.",
    initial_backoff_seconds: "The wait after the first failure, before a random factor in [0.8, 1.2).",
    backoff_multiplier: "What each further wait is multiplied by.",
    max_backoff_seconds: "The longest wait, before the random factor.",
    retryable_status_codes: "gRPC statuses of a failed attempt that allow another.",
    retryable_exit_codes: "Exit codes of a failed container that allow another attempt; none by default.",
    retry_failure_reply: "Whether a service's answer `success = false` allows another attempt.",
  },
  "docker settings": {
    allow:
      "What containers of this file may do although it gives power over the machine, by name: options (--cap-add), options with a value (--network=host), absolute host paths.",
    engine: "The program that runs containers in the form docker: { image, … }.",
  },
  tls: {
    ca_file: `Certificate authorities to trust instead of the system's, PEM. Relative to the folder of this file. ${REFERENCES}`,
    cert_file: "Certificate to show to the service, PEM; with key_file.",
    key_file: "Its private key, PEM.",
    server_name: "The name the service's certificate is for, where it is not the host of the address.",
  },
};
