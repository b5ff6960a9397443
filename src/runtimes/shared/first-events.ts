import type { RunEvent } from "../../engine/events.ts";

/** Events kept of a run; of one that has more, none are. */
const MAX_FIRST = 32;

/**
 * What runs that began here have recorded so far. Whoever starts a run mostly watches it from then on, and reading its
 * beginning in the journal costs ten times what the rest of a short run costs a watcher (docs/reference/performance.md).
 */
export interface FirstEvents {
  /** These events of one run were made durable here. */
  add(runId: string, events: readonly RunEvent[]): void;
  /** All that there is of the run after `seq`; undefined where only the journal has it. */
  after(runId: string, seq: number): RunEvent[] | undefined;
  forget(runId: string): void;
}

export function createFirstEvents(): FirstEvents {
  const kept = new Map<string, RunEvent[]>();
  return {
    add(runId, events) {
      const before = events[0]?.seq === 1 ? [] : kept.get(runId);
      if (before === undefined) return;
      if (before.length + events.length > MAX_FIRST) kept.delete(runId);
      else kept.set(runId, [...before, ...events]);
    },
    after: (runId, seq) => kept.get(runId)?.filter((event) => event.seq > seq),
    forget(runId) {
      kept.delete(runId);
    },
  };
}
