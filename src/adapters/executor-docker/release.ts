import type { Attempt } from "../../ports/executor.ts";
import { removeContainers } from "./containers.ts";
import type { EngineTools } from "./engine.ts";

/** Containers whose outcome was told; each is kept until its outcome is durable, so that `recover` could tell it again. */
export interface Kept {
  keep(attempt: Attempt, program: string, id: string): void;
  /** Removes it in the background. Where the engine does not answer, a later sweep does. */
  release(attempt: Attempt): void;
  /** Resolves when nothing of the node is being removed any more. */
  removed(attempt: Attempt): Promise<unknown>;
  /** What is to be removed in the background, and waited for by `settled`. */
  inBackground(work: Promise<unknown>): void;
  settled(): Promise<void>;
}

export function createKept(tools: EngineTools): Kept {
  const kept = new Map<string, { readonly program: string; readonly id: string }>();
  const pending = new Set<Promise<unknown>>();
  const leaving = new Map<string, Promise<unknown>>();
  const keyOf = ({ runId, nodeId, attempt }: Attempt): string => `${runId}/${nodeId}/${attempt}`;
  const nodeOf = ({ runId, nodeId }: Attempt): string => `${runId}/${nodeId}`;
  const inBackground = (work: Promise<unknown>): void => {
    const done = work
      .catch(() => undefined)
      .finally(() => {
        pending.delete(done);
      });
    pending.add(done);
  };
  return {
    keep: (attempt, program, id) => void kept.set(keyOf(attempt), { program, id }),
    release(attempt) {
      const found = kept.get(keyOf(attempt));
      if (found === undefined) return;
      kept.delete(keyOf(attempt));
      const removal = removeContainers(tools, found.program, [found.id]).finally(() => leaving.delete(nodeOf(attempt)));
      leaving.set(nodeOf(attempt), removal);
      inBackground(removal);
    },
    removed: async (attempt) => leaving.get(nodeOf(attempt)),
    inBackground,
    async settled() {
      while (pending.size > 0) await Promise.all(pending);
    },
  };
}
