import type { Attempt } from "../../ports/executor.ts";
import { removeContainers } from "./containers.ts";
import type { EngineTools } from "./engine.ts";

/**
 * Containers of attempts that have ended. Each is kept until its outcome is durable (X6): until then a crash would make
 * `recover` look at it again.
 */
export interface EndedContainers {
  keep(attempt: Attempt, program: string, id: string): void;
  /** Removes it in the background. Where the engine does not answer, a later sweep does. */
  release(attempt: Attempt): void;
  /** Resolves when nothing of the attempt's node is being removed any more. */
  waitForRemoval(attempt: Attempt): Promise<unknown>;
  /** Work that nobody waits for but `waitForAll`; its failure is nobody's. */
  runInBackground(work: Promise<unknown>): void;
  /** Resolves when nothing runs in the background any more. */
  waitForAll(): Promise<void>;
}

export function createEndedContainers(tools: EngineTools): EndedContainers {
  const containers = new Map<string, { readonly program: string; readonly id: string }>();
  const removals = new Map<string, Promise<unknown>>();
  const background = new Set<Promise<unknown>>();
  const keyOf = ({ runId, nodeId, attempt }: Attempt): string => `${runId}/${nodeId}/${attempt}`;
  const nodeOf = ({ runId, nodeId }: Attempt): string => `${runId}/${nodeId}`;
  const runInBackground = (work: Promise<unknown>): void => {
    const done = work
      .catch(() => undefined)
      .finally(() => {
        background.delete(done);
      });
    background.add(done);
  };
  return {
    keep: (attempt, program, id) => void containers.set(keyOf(attempt), { program, id }),
    release(attempt) {
      const container = containers.get(keyOf(attempt));
      if (container === undefined) return;
      containers.delete(keyOf(attempt));
      const node = nodeOf(attempt);
      const removal = removeContainers(tools, container.program, [container.id]).finally(() => removals.delete(node));
      removals.set(node, removal);
      runInBackground(removal);
    },
    waitForRemoval: async (attempt) => removals.get(nodeOf(attempt)),
    runInBackground,
    async waitForAll() {
      while (background.size > 0) await Promise.all(background);
    },
  };
}
