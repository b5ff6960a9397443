import type { NodeKind } from "../kind.ts";
import { bindDockerNode } from "./bind.ts";
import { isPhase1 } from "./is-phase1.ts";
import { CONTAINER_KEYS, DOCKER_KEYS } from "./keys.ts";
import type { DockerNode } from "./node.ts";
import { dockerPolicy, envNamesOfContainer } from "./policy.ts";
import { readDockerNode } from "./read.ts";
import { requestOfDockerNode } from "./request.ts";
import { dockerRetry } from "./retry.ts";
import { type ContainerSettings, dockerTopKey, prepareSettings } from "./settings.ts";
import { maskedInNode, shownRequestOfDockerNode } from "./shown.ts";
import { writeDockerNode } from "./write.ts";

/** A node that runs a container, by docker or podman. */
export const dockerKind: NodeKind<DockerNode, ContainerSettings> = {
  executor: "docker",
  // An hour: containers do longer work than calls.
  timeoutMs: 3_600_000,
  keepsLog: true,
  keys: DOCKER_KEYS,
  inner: [["under docker of a node", CONTAINER_KEYS]],
  retry: dockerRetry,
  top: dockerTopKey,
  policy: dockerPolicy,
  permissions: ["allow"],
  isImpliedBy: isPhase1,
  prepare: prepareSettings,
  read: readDockerNode,
  write: writeDockerNode,
  bind: bindDockerNode,
  requestOf: requestOfDockerNode,
  shownRequestOf: shownRequestOfDockerNode,
  maskedIn: maskedInNode,
  envNamesOf: envNamesOfContainer,
  loadSchema: async () => (await import("./schema.ts")).dockerSchema,
};
