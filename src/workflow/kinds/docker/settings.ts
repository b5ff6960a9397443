import { placeAt } from "../../tree/place.ts";
import { isRawObject } from "../../tree/raw.ts";
import type { Values } from "../../tree/read-fields.ts";
import type { TopKey } from "../kind.ts";
import { readAllow } from "./allow.ts";
import { DOCKER_TOP_KEYS } from "./keys.ts";
import type { DockerNode } from "./node.ts";
import type { SplitCommand } from "./shell-words.ts";

/** What all containers of a file share. */
export interface ContainerSettings {
  /** @see Container.allow */
  readonly allow: readonly string[];
  /** The program that runs containers in the structured form. */
  readonly engine: "docker" | "podman";
  /** Undefined where the file has no command: it brings the package `unbash`, which is costly to load. */
  readonly splitCommand: SplitCommand | undefined;
}

export async function prepareSettings(tree: unknown): Promise<ContainerSettings> {
  const splitCommand = hasCommand(tree) ? (await import("./shell-words.ts")).splitCommand : undefined;
  return { allow: [], engine: "docker", splitCommand };
}

function hasCommand(tree: unknown): boolean {
  if (!isRawObject(tree)) return false;
  const { containers } = tree;
  if (typeof containers !== "object" || containers === null) return false;
  return Object.values(containers).some((one) => isRawObject(one) && Object.hasOwn(one, "command"));
}

export const dockerTopKey: TopKey<DockerNode, ContainerSettings> = {
  key: "docker",
  fields: DOCKER_TOP_KEYS,
  owner: "docker settings",
  read: ({ problems }, { allow, engine }: Values<typeof DOCKER_TOP_KEYS>, place, base) => ({
    ...base,
    ...(allow === undefined ? {} : { allow: readAllow(problems, allow, placeAt(place, "allow")) }),
    ...(engine === undefined ? {} : { engine }),
  }),
  write: (nodes) => ({
    allow: nodes[0]?.container.allow ?? [],
    engine: nodes.some(({ container }) => container.program === "podman") ? "podman" : "docker",
  }),
};
