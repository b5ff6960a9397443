import { boolean, choice, integers, number, own, template, text } from "../../tree/fields.ts";

/** The keys of a docker node beside those of every node; the schema beside this describes them. */
export const DOCKER_KEYS = {
  command: text(16_384, { controls: true, references: "the form docker: { … } does" }),
  docker: own,
  input_file: template(),
  output_file: template(),
} as const;

export const DOCKER_RETRY_KEYS = { retryable_exit_codes: integers(1, 255) } as const;

/** Of `docker` at the top of the file. */
export const DOCKER_TOP_KEYS = { allow: own, engine: choice(["docker", "podman"], "docker") } as const;

/** A volume in parts, where its text cannot hold a path. */
export const VOLUME_KEYS = { source: template(), target: template(), read_only: boolean(false) } as const;

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

/** Of `docker` in a host's policy. */
export const DOCKER_POLICY_KEYS = {
  enabled: boolean(false),
  images: own,
  allow: own,
  mounts: own,
  max_memory: text(20),
  max_cpus: number(0, 1024),
} as const;

/** Of one of its mounts. */
export const POLICY_MOUNT_KEYS = { path: text(4096), read_only: boolean(false) } as const;
