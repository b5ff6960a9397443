import type { RunEvent } from "../../src/engine/events.ts";

/** One kill, and what the journal held right after it. */
export interface Kill<Point extends string = string> {
  readonly point: Point;
  /** Which process of the run it hit, from 1. */
  readonly life: number;
  readonly isOnCommand: boolean;
  /** Something that this process had begun was at work: a call that the service had not answered, a container. */
  readonly inFlight: boolean;
  /** Empty if the run had not been created. */
  readonly events: readonly RunEvent[];
}

/** What a history says of a node; worked out here anew, and not by the engine's fold. */
export interface NodeFacts {
  /** Rounds that have a recorded end: never called again. */
  readonly settledKeys: ReadonlySet<string>;
  readonly isSettled: boolean;
  readonly outstanding: boolean;
  readonly retries: number;
  readonly resets: number;
}

const SETTLING = new Set(["node.succeeded", "node.failed", "node.skipped", "node.cancelled"]);

export function factsOf(events: readonly RunEvent[], nodeId: string): NodeFacts {
  const settledKeys = new Set<string>();
  let [resets, retries, isSettled, outstanding] = [0, 0, false, false];
  for (const event of events) {
    if (event.type === "run.resumed" && event.reset.includes(nodeId)) {
      resets += 1;
      isSettled = false;
    }
    if (!("node_id" in event) || event.node_id !== nodeId) continue;
    if (event.type === "node.started") outstanding = true;
    else outstanding = false;
    if (event.type === "node.attempt_failed" && event.retry_at !== undefined) retries += 1;
    if (!SETTLING.has(event.type)) continue;
    isSettled = true;
    settledKeys.add(`${event.run_id}/${nodeId}/${resets + 1}`);
  }
  return { settledKeys, isSettled, outstanding, retries, resets };
}
