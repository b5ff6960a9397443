import type { QueueWait } from "./explanation.ts";
import type { Machine } from "./machine.ts";

/** What the process that drives a run knows of it, and its events do not tell. */
export interface Inside {
  /** `sweep`: what an earlier owner left is being ended. `preflight`: what the nodes need is being checked. */
  readonly phase: "sweep" | "preflight" | "driving";
  /** It waits until it may go on beside other runs. */
  readonly queue?: QueueWait;
  /** Nodes that have asked for a slot and not been given one. */
  readonly queued: ReadonlySet<string>;
  /** The run's own total timeout is over. */
  readonly isTimedOut: boolean;
}

/**
 * @param lastSeq of the history that it is to be said beside
 * @param queue   what is known of its wait to be admitted, while it waits
 * @returns undefined where the machine has decided more than that history tells
 */
export function lookInside(
  { state, phase, sweeping, slots, timedOut }: Machine,
  lastSeq: number,
  queue?: QueueWait,
): Inside | undefined {
  if (state.lastSeq !== lastSeq) return undefined;
  const queued = [...slots].flatMap(([nodeId, { held }]) => (held === "wanted" ? [nodeId] : []));
  return {
    phase: sweeping ? "sweep" : phase.name === "checking" ? "preflight" : "driving",
    ...(queue === undefined || phase.name !== "queued" ? {} : { queue }),
    queued: new Set(queued),
    isTimedOut: timedOut !== undefined,
  };
}
