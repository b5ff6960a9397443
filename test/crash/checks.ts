import { isDeepStrictEqual } from "node:util";
import { isTerminalEvent, type RunEvent } from "../../src/engine/events.ts";
import { checkHistory } from "../../src/engine/rules.ts";
import type { Workflow } from "../../src/workflow/workflow.ts";
import type { CountedCall } from "./counting-service.ts";
import { factsOf, type Kill } from "./facts.ts";

/** All that is known of a run that was killed again and again, and then left in peace. */
export interface Evidence {
  readonly events: readonly RunEvent[];
  readonly workflowOf: (definitionHash: string) => Workflow | undefined;
  readonly nodeIds: readonly string[];
  readonly calls: readonly CountedCall[];
  readonly kills: readonly Kill[];
  /** Event lines that the processes printed, in order. */
  readonly printed: readonly RunEvent[];
}

/** What is wrong with the run; nothing, if Busbar keeps its promises. */
export function findFaults(evidence: Evidence): readonly string[] {
  return [
    ...checkHistory(evidence.events, evidence.workflowOf).map(
      (v) => `history rule ${v.rule}, seq ${v.seq}: ${v.message}`,
    ),
    ...findHistoryFaults(evidence),
    ...evidence.nodeIds.flatMap((nodeId) => checkCalls(evidence, nodeId)),
  ];
}

/** What the history itself shows of what was lost, changed or told too early. */
export function findHistoryFaults(evidence: Pick<Evidence, "events" | "kills" | "printed">): readonly string[] {
  return [...checkEnd(evidence), ...checkPrefixes(evidence), ...checkPrinted(evidence)];
}

function checkEnd({ events }: Pick<Evidence, "events">): readonly string[] {
  const last = events.at(-1);
  return last !== undefined && isTerminalEvent(last) ? [] : [`the run does not end: its last event is ${last?.type}`];
}

/** E3, E4: what was recorded when a process died stays as it was; the rest comes after it. */
function checkPrefixes({ events, kills }: Pick<Evidence, "events" | "kills">): readonly string[] {
  return kills
    .filter((kill) => !isDeepStrictEqual(events.slice(0, kill.events.length), kill.events))
    .map((kill) => `the history after kill ${kill.life} is not the beginning of the final one`);
}

/** E8: a line on stdout is durable before it is there. */
function checkPrinted({ events, printed }: Pick<Evidence, "events" | "printed">): readonly string[] {
  return printed
    .filter((event) => !isDeepStrictEqual(events[event.seq - 1], event))
    .map((event) => `seq ${event.seq} was printed as ${event.type}, and is not recorded so`);
}

function checkCalls({ events, calls, kills }: Evidence, nodeId: string): readonly string[] {
  const faults: string[] = [];
  const mine = calls.filter((call) => call.nodeId === nodeId);
  for (const call of mine) {
    const { attempt, key, life } = call;
    // E8: whatever reached the service had been recorded as started.
    const isRecorded = events.some(
      (event) =>
        event.type === "node.started" &&
        event.node_id === nodeId &&
        event.attempt === attempt &&
        event.idempotency_key === key,
    );
    if (!isRecorded)
      faults.push(`attempt ${attempt} of ${nodeId} (${key}, life ${life}) was called and is not recorded`);
    if (mine.some((other) => other !== call && other.attempt === attempt)) {
      faults.push(`attempt ${attempt} of ${nodeId} was called more than once`);
    }
    // E3: no call after a kill for what was recorded as settled before it.
    const before = kills.find((kill) => kill.life < life && factsOf(kill.events, nodeId).settledKeys.has(key));
    if (before !== undefined) faults.push(`${key} was settled before kill ${before.life} and called in life ${life}`);
  }
  const { retries, resets, isSettled } = factsOf(events, nodeId);
  const hits = kills.filter((kill) => factsOf(kill.events, nodeId).outstanding).length;
  const allowed = 1 + resets + retries + hits;
  if (mine.length > allowed) {
    faults.push(
      `${nodeId} was called ${mine.length} times: 1 + ${resets} resets + ${retries} retries + ${hits} kills allow ${allowed}`,
    );
  }
  const success = events.find((event) => event.type === "node.succeeded" && event.node_id === nodeId);
  const isKept = success?.type === "node.succeeded" && success.reused_from !== undefined;
  if (isKept && mine.length > 0) faults.push(`${nodeId} is kept of another run, and was called`);
  if (success !== undefined && !isKept && mine.every((call) => call.end === "cut"))
    faults.push(`${nodeId} succeeded and was never answered`);
  if (!isSettled) faults.push(`${nodeId} is not settled`);
  return faults;
}
