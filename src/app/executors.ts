import type { JournalOfContainers } from "../adapters/executor-docker/identity.ts";
import type { Ids } from "../kernel/ids.ts";
import type { Executor } from "../ports/executor.ts";
import type { Workflow, WorkflowNode } from "../workflow/workflow.ts";
import type { Shared } from "./shared.ts";

/** An executor for each kind of node. */
export type AllExecutors = { readonly [kind in WorkflowNode["executor"]]: ClosableExecutor };

/** Whoever makes one closes it. */
export type ClosableExecutor = Executor & Required<Pick<Executor, "close">>;

/** What an executor may be able to do; that must be known before it is loaded. */
type Abilities = readonly ("recover" | "release" | "sweep")[];

export interface ExecutorTools extends Pick<Shared, "clock" | "secrets" | "policy"> {
  readonly ids: Pick<Ids, "spanId">;
  /** Whose the work outside of this process is. */
  readonly journal?: JournalOfContainers;
  /** Whether a run has ended, so that what it left at an engine may go; false of one that nobody here knows. */
  readonly isOver?: (runId: string) => Promise<boolean>;
}

/** Busbar's own executors. Each is loaded when a node of its kind comes up: most workflows need one of them. */
export function createExecutors(tools: ExecutorTools): AllExecutors {
  const { clock, secrets, policy, ids, journal, isOver } = tools;
  const forAll = { clock, secrets, ...(policy && { policy }) };
  return {
    grpc: loadWhenUsed([], async () => {
      const { createGrpcExecutor } = await import("../adapters/executor-grpc/executor.ts");
      return createGrpcExecutor({ ...forAll, ids });
    }),
    docker: loadWhenUsed(["recover", "release", "sweep"], async () => {
      const { createDockerExecutor } = await import("../adapters/executor-docker/executor.ts");
      return createDockerExecutor({ ...forAll, ...(journal && { journal }), ...(isOver && { isOver }) });
    }),
  };
}

/**
 * For a process that ends with its first run. With node:tls, which the client of services loads, Node begins to read its
 * root certificates in another thread: where that is done by the time that services answer, it is in nobody's way.
 */
export function expectCalls({ services }: Pick<Workflow, "services">): void {
  if (services.size > 0) process.getBuiltinModule("node:tls");
}

export async function closeExecutors(executors: AllExecutors): Promise<void> {
  await Promise.all(Object.values(executors).map((executor) => executor.close()));
}

function loadWhenUsed(has: Abilities, load: () => Promise<Executor>): ClosableExecutor {
  let loading: Promise<Executor> | undefined;
  let loaded: Executor | undefined;
  /** Once it is loaded, a call is passed on at once. */
  function use<T>(call: (executor: Executor) => T | Promise<T>): T | Promise<T> {
    if (loaded !== undefined) return call(loaded);
    loading ??= load().then((executor) => {
      loaded = executor;
      return executor;
    });
    return loading.then(call);
  }
  const able: Pick<Executor, Abilities[number]> = {
    recover: async (attempt, signal) => use(async (one) => (await one.recover?.(attempt, signal)) ?? { found: "gone" }),
    release: (attempt) => void use((one) => one.release?.(attempt)),
    sweep: async (runId, outstanding) => use((one) => one.sweep?.(runId, outstanding)),
  };
  return {
    execute: async (attempt, signal) => use((one) => one.execute(attempt, signal)),
    preflight: async (needs, options, signal) =>
      use(async (one) => (await one.preflight?.(needs, options, signal)) ?? []),
    ...Object.fromEntries(has.map((ability) => [ability, able[ability]])),
    // One that was never loaded has nothing to close.
    close: async () => (await loading)?.close?.(),
  };
}
