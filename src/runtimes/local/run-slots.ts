import type { Want } from "../../engine/commands.ts";
import type { Granted, LinedUp } from "../../engine/inputs.ts";
import type { LeaveLine, Slots } from "./slots.ts";

/** The slots that one run's nodes hold or wait for. */
export interface RunSlots {
  /** Answers at once: the slot is the node's, or it stands in line and is granted one later. */
  want(wanted: Want): Granted | LinedUp;
  /** Gives the node's slot back, or its place in line. */
  free(nodeId: string): void;
  freeAll(): void;
}

/** @param granted of a node that stood in line */
export function createRunSlots(slots: Slots, granted: (input: Granted) => void): RunSlots {
  const held = new Map<string, string>();
  const waiting = new Map<string, LeaveLine>();
  const free = (nodeId: string): void => {
    waiting.get(nodeId)?.();
    waiting.delete(nodeId);
    const address = held.get(nodeId);
    held.delete(nodeId);
    if (address !== undefined) slots.release(address);
  };
  return {
    want({ nodeId, address, limit }) {
      const leaveLine = slots.acquire(address, limit, () => {
        waiting.delete(nodeId);
        held.set(nodeId, address);
        granted({ type: "granted", nodeId });
      });
      if (leaveLine !== true) {
        waiting.set(nodeId, leaveLine);
        return { type: "lined_up", nodeId };
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
