import type { Service } from "../workflow/model/service.ts";
import type { Machine } from "./machine.ts";
import { offer } from "./plan.ts";
import type { NodeState } from "./state.ts";
import { isSettledNode } from "./status.ts";
import { command, type Turn } from "./turn.ts";

/**
 * `max_concurrency`: outstanding attempts per address in one process, over all its runs. The machine asks for a slot
 * and is told; it knows nothing of other runs. It asks for one node at a time, and only while max_parallel
 * leaves it something to start. A node that was queued holds the slot that it is granted later, also where it has to
 * wait then for others of its run: handing it back would send it to the end of the queue.
 */

/** @returns true if the node holds all it needs to start; otherwise it has asked, or is queued */
export function takeSlot(machine: Machine, turn: Turn, node: NodeState, service: Service | undefined): boolean {
  if (service?.maxConcurrency === undefined) return true;
  const slot = machine.slots.get(node.id);
  if (slot !== undefined) return slot.held === "held";
  const address = String(service.address);
  machine.slots.set(node.id, { held: "wanted" });
  machine.asking = node.id;
  command(turn, { type: "want", nodeId: node.id, address, limit: service.maxConcurrency });
  return false;
}

export function grantSlot(machine: Machine, turn: Turn, nodeId: string): void {
  stopAsking(machine, nodeId);
  const slot = machine.slots.get(nodeId);
  const node = turn.state.nodes.get(nodeId);
  if (slot === undefined || node === undefined) return;
  slot.held = "held";
  offer(turn.state, node);
}

/** The want of the node has been answered, by a slot or a place in the queue. */
export function stopAsking(machine: Machine, nodeId: string): void {
  if (machine.asking === nodeId) machine.asking = undefined;
}

/** Gives back what the node holds, or its place in the queue. */
export function freeSlot(machine: Machine, turn: Turn, nodeId: string): void {
  if (machine.slots.delete(nodeId)) command(turn, { type: "free", nodeId });
}

/** Gives back what is held or wanted by nodes that have not started: they ask again when they may. */
export function freeUnused(machine: Machine, turn: Turn): void {
  for (const nodeId of [...machine.slots.keys()]) {
    const node = turn.state.nodes.get(nodeId);
    if (node === undefined || machine.outstanding.has(nodeId)) continue;
    freeSlot(machine, turn, nodeId);
    offer(turn.state, node);
  }
}

/** A node that has settled starts no more: its slot goes back, or its place in the queue, whatever else of the run goes on. */
export function freeSettled(machine: Machine, turn: Turn): void {
  if (machine.slots.size === 0) return;
  for (const event of turn.events) {
    const node = "node_id" in event ? turn.state.nodes.get(event.node_id) : undefined;
    if (node !== undefined && isSettledNode(node.status)) freeSlot(machine, turn, node.id);
  }
}
