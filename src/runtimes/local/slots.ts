/**
 * Outstanding attempts per address in this process, over all its runs
 * (`max_concurrency`). Whoever finds no slot waits in a queue and is handed one when it
 * comes free.
 */
export interface Slots {
  /**
   * @param limit   slots of this address, ≥ 1; runs that disagree each keep to their own
   * @param granted called once, with the slot taken, if there was none now
   * @returns true: taken now. Otherwise what leaves the queue again.
   */
  acquire(address: string, limit: number, granted: () => void): true | LeaveQueue;
  release(address: string): void;
}

export type LeaveQueue = () => void;

interface AddressSlots {
  taken: number;
  readonly waiting: Set<{ readonly limit: number; readonly granted: () => void }>;
}

export function createSlots(): Slots {
  const byAddress = new Map<string, AddressSlots>();
  return {
    acquire(address, limit, granted) {
      let slots = byAddress.get(address);
      if (slots === undefined) {
        slots = { taken: 0, waiting: new Set() };
        byAddress.set(address, slots);
      }
      // Whoever waits could not use the slots that are free: those that could were handed them when they came free.
      if (slots.taken < limit) {
        slots.taken += 1;
        return true;
      }
      const waiter = { limit, granted };
      const { waiting } = slots;
      waiting.add(waiter);
      return () => waiting.delete(waiter);
    },
    release(address) {
      const slots = byAddress.get(address);
      if (slots === undefined) return;
      slots.taken -= 1;
      for (const waiter of slots.waiting) {
        if (slots.taken >= waiter.limit) continue;
        slots.waiting.delete(waiter);
        slots.taken += 1;
        waiter.granted();
      }
      if (slots.taken === 0 && slots.waiting.size === 0) byAddress.delete(address);
    },
  };
}
