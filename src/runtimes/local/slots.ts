/**
 * Outstanding attempts per address in this process, over all its runs
 * (`max_concurrency`). Who finds no slot waits in line and is handed one when it
 * comes free.
 */
export interface Slots {
  /**
   * @param limit   slots of this address, ≥ 1; runs that disagree each keep to their own
   * @param granted called once, with the slot taken, if there was none now
   * @returns true: taken now. Otherwise a ticket that leaves the line again.
   */
  acquire(address: string, limit: number, granted: () => void): true | LeaveLine;
  release(address: string): void;
}

export type LeaveLine = () => void;

interface Line {
  taken: number;
  readonly waiting: Set<{ readonly limit: number; readonly granted: () => void }>;
}

export function createSlots(): Slots {
  const lines = new Map<string, Line>();
  return {
    acquire(address, limit, granted) {
      let line = lines.get(address);
      if (line === undefined) {
        line = { taken: 0, waiting: new Set() };
        lines.set(address, line);
      }
      // Whoever waits could not use the slots that are free: those that could were handed them when they came free.
      if (line.taken < limit) {
        line.taken += 1;
        return true;
      }
      const waiter = { limit, granted };
      const { waiting } = line;
      waiting.add(waiter);
      return () => waiting.delete(waiter);
    },
    release(address) {
      const line = lines.get(address);
      if (line === undefined) return;
      line.taken -= 1;
      for (const waiter of line.waiting) {
        if (line.taken >= waiter.limit) continue;
        line.waiting.delete(waiter);
        line.taken += 1;
        waiter.granted();
      }
      if (line.taken === 0 && line.waiting.size === 0) lines.delete(address);
    },
  };
}
