// Loaded for the JSON Schema only.
import type { JsonObject } from "../../../kernel/json.ts";
import { type DescriptionsOf, mapOf, objectSchema, ref } from "../../schema/object-schema.ts";
import { REFERENCES } from "../../schema/references.ts";
import { MAX_PATH_LENGTH } from "../../tree/fields.ts";
import type { KindSchema } from "../kind-schema.ts";
import {
  CONTAINER_KEYS,
  type DOCKER_KEYS,
  type DOCKER_POLICY_KEYS,
  type DOCKER_RETRY_KEYS,
  type DOCKER_TOP_KEYS,
  POLICY_MOUNT_KEYS,
  VOLUME_KEYS,
} from "./keys.ts";

const KEYS: DescriptionsOf<typeof DOCKER_KEYS> = {
  command:
    "A `docker run …` or `podman run …` line, split into words and run without a shell: no pipes, expansions or redirections. It must mount a volume (-v, --volume or --mount) by absolute path; Busbar adds none by itself.",
  docker: "The same in parts, instead of command.",
  input_file: "Recorded, not used.",
  output_file: "Recorded, not used.",
};

const RETRY: DescriptionsOf<typeof DOCKER_RETRY_KEYS> = {
  retryable_exit_codes: "Exit codes of a failed container that allow another attempt; none by default.",
};

const TOP: DescriptionsOf<typeof DOCKER_TOP_KEYS> = {
  allow:
    "What containers of this file may do although it gives power over the machine, by name: options (--cap-add), options with a value (--network=host), absolute host paths.",
  engine: "The program that runs containers in the form docker: { image, … }.",
};

const CONTAINER: DescriptionsOf<typeof CONTAINER_KEYS> = {
  image: `The image. ${REFERENCES}`,
  args: `What the image is run with, one text an argument. ${REFERENCES}`,
  volumes: `HOST_PATH:CONTAINER_PATH, with :ro at the end for read-only; the host path is absolute, or the name of a volume. The same in parts, { source, target, read_only }, holds paths with a colon too. [] says that there are none, on purpose. ${REFERENCES}`,
  env: `Variables by name. ${REFERENCES} Also \${env.NAME}, which is read when the container is started and never recorded.`,
  network: "The network to join; `none` is no network at all.",
  user: "Who the container runs as: a name or number, with :GROUP after it.",
  memory: "The most memory it may use: bytes, or a number with k, m or g.",
  cpus: "The most processors it may use.",
};

const VOLUME: DescriptionsOf<typeof VOLUME_KEYS> = {
  source: `The host path, absolute, or the name of a volume. ${REFERENCES}`,
  target: `The path in the container, absolute. ${REFERENCES}`,
  read_only: "Whether the container may only read it.",
};

const POLICY: DescriptionsOf<typeof DOCKER_POLICY_KEYS> = {
  enabled: "Whether containers may be run at all.",
  images: "Names of images, as files write them; * stands for anything but a slash, ** for anything. None by default.",
  allow:
    "Options that containers may have although they reach beyond the container, by their long names: --cap-add, or with a value, --network=internal. What a file's own docker.allow asks for has to be listed here too.",
  mounts:
    "Folders that containers may mount, and volumes of the engine by their names. A folder below a listed one may be mounted only where containers can but read the listed one.",
  max_memory:
    "The most memory that a container may ask for: bytes, or a number with k, m or g. One that asks for none gets it.",
  max_cpus: "The most processors that a container may ask for. One that asks for none gets them.",
};

const POLICY_MOUNT: DescriptionsOf<typeof POLICY_MOUNT_KEYS> = {
  path: "A folder, absolute, without . and .. in it; or the name of a volume.",
  read_only: "Whether containers may only read it.",
};

const ENV_NAME: JsonObject = { pattern: "^[A-Za-z_][A-Za-z0-9_]*$" };
const ARGUMENT: JsonObject = { type: "string", maxLength: MAX_PATH_LENGTH };
const TEXT: JsonObject = { ...ARGUMENT, minLength: 1 };

export const dockerSchema: KindSchema = {
  descriptions: KEYS,
  shapes: { docker: ref("container") },
  required: [],
  oneOf: [["command"], ["docker"]],
  attempt: "a container",
  retry: RETRY,
  top: {
    description: "What holds for all containers of the file.",
    inner: {
      "docker settings": {
        descriptions: TOP,
        shapes: { allow: { type: "array", items: { type: "string", minLength: 1 } } },
      },
    },
  },
  policy: {
    description: "What containers may do.",
    descriptions: POLICY,
    shapes: {
      images: { type: "array", items: TEXT },
      allow: { type: "array", items: { type: "string", pattern: "^--[a-z]" } },
      mounts: { type: "array", items: objectSchema(POLICY_MOUNT_KEYS, POLICY_MOUNT, { required: ["path"] }) },
    },
  },
  defs: {
    volume: objectSchema(VOLUME_KEYS, VOLUME, { required: ["source", "target"] }),
    container: objectSchema(CONTAINER_KEYS, CONTAINER, {
      required: ["image", "volumes"],
      shapes: {
        image: TEXT,
        args: { type: "array", items: ARGUMENT },
        volumes: { type: "array", items: { anyOf: [TEXT, ref("volume")] } },
        env: mapOf(ARGUMENT, ENV_NAME),
      },
    }),
  },
};
