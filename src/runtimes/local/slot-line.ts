import type { NodeState } from "../../engine/state.ts";
import type { Service } from "../../spec/model/service.ts";
import type { LeaveLine, Slots } from "./slots.ts";

/** The slots that one run's nodes hold or wait for. */
export interface SlotLine {
  /** True if the node holds all the slots it needs; otherwise it now stands in line. */
  take(node: NodeState, service: Service | undefined): boolean;
  /** Gives the node's slots back, and its place in line. */
  release(node: NodeState): void;
  /** Gives everything back. */
  releaseAll(): void;
}

/** @param granted a node that stood in line now holds its slot: start it, or release it */
export function createSlotLine(slots: Slots, granted: (node: NodeState) => void): SlotLine {
  const held = new Map<string, string>();
  const waiting = new Map<string, LeaveLine>();
  return {
    take(node, service) {
      if (service?.maxConcurrency === undefined || held.has(node.id)) return true;
      if (waiting.has(node.id)) return false;
      const address = String(service.address);
      const leaveLine = slots.acquire(address, service.maxConcurrency, () => {
        waiting.delete(node.id);
        held.set(node.id, address);
        granted(node);
      });
      if (leaveLine === true) held.set(node.id, address);
      else waiting.set(node.id, leaveLine);
      return leaveLine === true;
    },
    release(node) {
      waiting.get(node.id)?.();
      waiting.delete(node.id);
      const address = held.get(node.id);
      if (address === undefined) return;
      held.delete(node.id);
      slots.release(address);
    },
    releaseAll() {
      for (const leaveLine of waiting.values()) leaveLine();
      waiting.clear();
      for (const address of held.values()) slots.release(address);
      held.clear();
    },
  };
}
