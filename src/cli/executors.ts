import { createDockerExecutor } from "../adapters/executor-docker/executor.ts";
import { createGrpcExecutor } from "../adapters/executor-grpc/executor.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Ids } from "../kernel/ids.ts";
import type { Secrets } from "../kernel/secrets.ts";
import type { Executor } from "../ports/executor.ts";
import type { WorkflowNode } from "../spec/workflow.ts";

export interface ExecutorTools {
  readonly clock: Clock;
  readonly ids: Pick<Ids, "spanId">;
  readonly secrets: Secrets;
  /** Whether a run has ended, so that what it left at an engine may go; false of one that nobody here knows. */
  readonly isOver?: (runId: string) => Promise<boolean>;
}

export type AllExecutors = { readonly [kind in WorkflowNode["executor"]]: Executor };

/** What can run nodes from the command line. Whoever makes them closes them. */
export function createExecutors(tools: ExecutorTools): AllExecutors {
  return { grpc: createGrpcExecutor(tools), docker: createDockerExecutor(tools) };
}

export async function closeExecutors(executors: AllExecutors): Promise<void> {
  await Promise.all(Object.values(executors).map((executor) => executor.close?.()));
}
