import { randomBytes } from "node:crypto";
import type { Attempt } from "../../ports/executor.ts";
import type { ContainerRequest } from "../../workflow/kinds/docker/request.ts";
import { listContainers, removeContainers, type TestContainer } from "./containers.ts";
import { type CapturedLog, captureLog } from "./log.ts";

/** Attempts to run scripts in containers of one image, with logs in memory. */
export interface DockerAttempts {
  /** Begins all its run ids, so that nothing else at the engine is touched. */
  readonly prefix: string;
  /** A first attempt of its own run; `script` is the shell's in the container. */
  attempt(script: string, changes?: AttemptChanges): LoggedAttempt;
  containers(): readonly TestContainer[];
  /** Removes all containers of its runs. */
  clear(): void;
}

export type AttemptChanges = Partial<Omit<Attempt, "request">> & { readonly request?: Partial<ContainerRequest> };
export type LoggedAttempt = Attempt & { readonly log: CapturedLog };

export function createDockerAttempts(image: string): DockerAttempts {
  const prefix = `test-${process.pid}-${randomBytes(3).toString("hex")}`;
  let count = 0;
  const containers = (): readonly TestContainer[] =>
    listContainers("busbar.run").filter(({ labels }) => labels["busbar.run"]?.startsWith(prefix));
  return {
    prefix,
    attempt(script, { runId, request, ...changes } = {}) {
      count += 1;
      const run = runId?.startsWith(prefix) ? runId : `${prefix}-${runId ?? count}`;
      const log = captureLog();
      const nodeId = changes.nodeId ?? "work";
      return {
        runId: run,
        nodeId,
        attempt: 1,
        idempotencyKey: `${run}/${nodeId}/1`,
        timeoutMs: 60_000,
        traceId: "0af7651916cd43dd8448eb211c80319c",
        openLog: log.reopen,
        log,
        request: { program: "docker", options: ["--network=none"], image, args: ["sh", "-c", script], ...request },
        ...changes,
      };
    },
    containers,
    clear() {
      removeContainers(containers().map(({ id }) => id));
    },
  };
}
