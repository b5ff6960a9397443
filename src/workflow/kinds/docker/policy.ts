// What a host's policy says of containers.

import { envNamesOf, type HostPolicy, type Refusal, refuseEnv, refuseUnlisted } from "../../policy/policy.ts";
import { readTexts } from "../../policy/read-texts.ts";
import { placeAt } from "../../tree/place.ts";
import { quote } from "../../tree/raw.ts";
import type { Values } from "../../tree/read-fields.ts";
import type { PolicyKey } from "../kind.ts";
import { optionRefers, optionText } from "./container-option.ts";
import { DOCKER_POLICY_KEYS } from "./keys.ts";
import type { DockerNode } from "./node.ts";
import { bytesOf, refuseLimits } from "./policy-limits.ts";
import { type MountRoot, readMounts, refuseMounts } from "./policy-mounts.ts";
import { problemOfAllowed, refuseOptions } from "./policy-options.ts";
import type { ContainerRequest } from "./request.ts";

/** `docker` of a policy, read. */
export interface ContainerPolicy {
  readonly enabled: boolean;
  /** Patterns of names of images. */
  readonly images: readonly string[];
  /** Options that containers may have beyond harmless ones: `--name`, or `--name=value`. */
  readonly allow: readonly string[];
  readonly mounts: readonly MountRoot[];
  /** Bytes. */
  readonly maxMemory?: number;
  readonly maxCpus?: number;
}

/** What a policy says of containers. */
export function containersOf(policy: HostPolicy): ContainerPolicy {
  return policy.kinds[dockerPolicy.key] as ContainerPolicy;
}

export const dockerPolicy: PolicyKey<DockerNode> = {
  key: "docker",
  owner: "docker of a policy",
  fields: DOCKER_POLICY_KEYS,
  read(reader, values: Values<typeof DOCKER_POLICY_KEYS>, place): ContainerPolicy {
    const { problems } = reader;
    const { enabled = false, images, allow, mounts, max_memory: memory, max_cpus: maxCpus } = values;
    const maxMemory = memory === undefined ? undefined : bytesOf(memory);
    if (memory !== undefined && maxMemory === undefined) {
      const message = `max_memory must be a number of bytes or one with k, m or g, like 512m, not ${quote(memory)}`;
      problems.add("WORKFLOW_INVALID_VALUE", message, placeAt(place, "max_memory"));
    }
    return {
      enabled,
      images: readTexts(problems, images, placeAt(place, "images"), problemOfPattern),
      allow: readTexts(problems, allow, placeAt(place, "allow"), problemOfAllowed),
      mounts: readMounts(reader, mounts, placeAt(place, "mounts")),
      ...(maxMemory === undefined ? {} : { maxMemory }),
      ...(maxCpus === undefined ? {} : { maxCpus }),
    };
  },
  refuse({ container }, policy) {
    const { program, image } = container;
    return refuseParts(policy, {
      program,
      image: typeof image === "string" ? image : undefined,
      options: container.options.flatMap((option) => (optionRefers(option) ? [] : [optionText(option)])),
      envNames: envNamesOfContainer({ container }),
    });
  },
};

export function envNamesOfContainer({ container }: Pick<DockerNode, "container">): readonly string[] {
  return Object.values(container.env).flatMap(envNamesOf);
}

/** The same of what an executor is asked, where everything is filled in. */
export function refuseRequest(policy: HostPolicy, request: ContainerRequest): readonly Refusal[] {
  const { program, image, options, env = {} } = request;
  const envNames = Object.values(env).flatMap((parts) =>
    parts.flatMap((part) => (typeof part === "string" ? [] : [part.env])),
  );
  return refuseParts(policy, { program, image, options, envNames });
}

interface Parts {
  readonly program: string;
  /** Undefined until it is known. */
  readonly image: string | undefined;
  /** Those that are known. */
  readonly options: readonly string[];
  readonly envNames: readonly string[];
}

function refuseParts(policy: HostPolicy, { program, image, options, envNames }: Parts): readonly Refusal[] {
  const containers = containersOf(policy);
  if (!containers.enabled) {
    const message = `containers are not allowed on this host: docker.enabled of ${policy.name} is not true`;
    const remedy = `Run the node as a gRPC service, or have whoever runs this host set docker.enabled in ${policy.name}.`;
    return [{ path: [], message, remedy }];
  }
  return [
    ...refuseProgram(policy, program),
    ...(image === undefined ? [] : refuseImage(policy, containers.images, image)),
    ...refuseOptions(policy, containers.allow, options),
    ...refuseMounts(policy, containers.mounts, options),
    ...refuseLimits(policy, containers, options),
    ...refuseEnv(policy, ["docker", "env"], [...envNames, ...passedOn(options)]),
  ];
}

/** A path could name any program of the machine, one that a container has written too. */
function refuseProgram(policy: HostPolicy, program: string): readonly Refusal[] {
  if (/^(?:docker|podman)$/.test(program)) return [];
  const message = `the program ${quote(program)} is not allowed on this host, which has a policy (${policy.name}): an engine's client is named without its path there`;
  return [{ path: ["command"], message, remedy: "Write docker or podman alone." }];
}

function refuseImage(policy: HostPolicy, images: readonly string[], image: string): readonly Refusal[] {
  if (images.some((pattern) => matchesImage(pattern, image))) return [];
  return [
    refuseUnlisted(policy, ["docker", "image"], `the image ${quote(image)}`, "docker.images", images, quote(image)),
  ];
}

/** `*` stands for anything but a slash, `**` for anything. A name is compared as it is written: none is completed. */
export function matchesImage(pattern: string, image: string): boolean {
  const source = pattern
    .split(/(\*\*?)/)
    .map((part) => (part === "**" ? ".*" : part === "*" ? "[^/]*" : part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")))
    .join("");
  return new RegExp(`^${source}$`, "s").test(image);
}

function problemOfPattern(text: string): string | undefined {
  return /^[\w.:@/*[\]-]+$/.test(text)
    ? undefined
    : "is no name of an image, in which * stands for anything but a slash";
}

/** Variables of Busbar's own that options hand on: `--env=NAME`. */
function passedOn(options: readonly string[]): readonly string[] {
  return options.flatMap((option) => /^--env=([^=]+)$/s.exec(option)?.[1] ?? []);
}
