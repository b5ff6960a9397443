import type { Want } from "../../engine/commands.ts";
import type { Granted, Queued } from "../../engine/inputs.ts";
import type { LeaveQueue, Slots } from "./slots.ts";

/** The slots that one run's nodes hold or wait for. */
export interface RunSlots {
  /** Answers at once: the slot is the node's, or it is queued and is granted one later. */
  want(wanted: Want): Granted | Queued;
  /** Gives the node's slot back, or its place in the queue. */
  free(nodeId: string): void;
  freeAll(): void;
}

/** @param granted of a node that was queued */
export function createRunSlots(slots: Slots, granted: (input: Granted) => void): RunSlots {
  const held = new Map<string, string>();
  const waiting = new Map<string, LeaveQueue>();
  const free = (nodeId: string): void => {
    waiting.get(nodeId)?.();
    waiting.delete(nodeId);
    const address = held.get(nodeId);
    held.delete(nodeId);
    if (address !== undefined) slots.release(address);
  };
  return {
    want({ nodeId, address, limit }) {
      const leaveQueue = slots.acquire(address, limit, () => {
        waiting.delete(nodeId);
        held.set(nodeId, address);
        granted({ type: "granted", nodeId });
      });
      if (leaveQueue !== true) {
        waiting.set(nodeId, leaveQueue);
        return { type: "queued", nodeId };
      }
      held.set(nodeId, address);
      return { type: "granted", nodeId };
    },
    free,
    freeAll() {
      for (const nodeId of [...waiting.keys(), ...held.keys()]) free(nodeId);
    },
  };
}
