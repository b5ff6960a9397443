import type { Attempt } from "../../ports/executor.ts";
import { removeContainers } from "./containers.ts";
import type { EngineTools } from "./engine.ts";

/** Containers whose outcome was told; each is kept until its outcome is durable, so that `recover` could tell it again. */
export interface Kept {
  keep(attempt: Attempt, program: string, id: string): void;
  /** Removes it in the background. Where the engine does not answer, a later sweep does. */
  release(attempt: Attempt): void;
  /** What is to be removed in the background, and waited for by `settled`. */
  inBackground(work: Promise<unknown>): void;
  settled(): Promise<void>;
}

export function createKept(tools: EngineTools): Kept {
  const kept = new Map<string, { readonly program: string; readonly id: string }>();
  const pending = new Set<Promise<unknown>>();
  const keyOf = ({ runId, nodeId, attempt }: Attempt): string => `${runId}/${nodeId}/${attempt}`;
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
      inBackground(removeContainers(tools, found.program, [found.id]));
    },
    inBackground,
    async settled() {
      while (pending.size > 0) await Promise.all(pending);
    },
  };
}
