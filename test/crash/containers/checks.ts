import { isDeepStrictEqual } from "node:util";
import type { RunEvent } from "../../../src/engine/events.ts";
import type { LogLine } from "../../../src/ports/run-logs.ts";
import { findHistoryFaults } from "../checks.ts";
import { factsOf } from "../facts.ts";
import type { Lived } from "../lives.ts";
import type { Execution } from "./executions.ts";
import type { Point } from "./points.ts";
import { outputOf, type Work } from "./scenario.ts";

/** All that is known of a run that was killed again and again, and then left in peace. */
export interface Evidence extends Pick<Lived<Point>, "events" | "kills" | "printed"> {
  readonly works: ReadonlyMap<string, Work>;
  readonly executions: readonly Execution[];
  /** Of all attempts. */
  readonly log: readonly LogLine[];
  /** What the engine still has of the run, in words. */
  readonly left: readonly string[];
}

/** What is wrong with the run; nothing, if Busbar keeps its promises. */
export function findFaults(evidence: Evidence): readonly string[] {
  return [
    ...findHistoryFaults(evidence),
    ...evidence.left.map((container) => `left at the engine: ${container}`),
    ...[...evidence.works].flatMap(([nodeId, work]) => checkNode(evidence, nodeId, work)),
  ];
}

/** One attempt, and how it ended. */
interface Tried {
  readonly attempt: number;
  /** Undefined: its container gave none. */
  readonly exitCode: number | undefined;
  readonly outcome: string;
}

function checkNode(
  { events, executions, log, works: _, ...rest }: Evidence,
  nodeId: string,
  work: Work,
): readonly string[] {
  const faults: string[] = [];
  const tried = triedOf(events, nodeId);
  const made = executions.filter((one) => one.nodeId === nodeId);
  const words = (): string => `${JSON.stringify(tried)} of ${JSON.stringify(made)}`;
  for (const { container, exitCode, besides } of made) {
    if (besides > 0) faults.push(`container ${container} of ${nodeId} began while another one was at work`);
    if (exitCode === undefined) faults.push(`container ${container} of ${nodeId} was ended in the middle`);
  }
  // One result for each execution, one execution for each result: what was lost had never begun.
  const withResult = tried.filter(({ exitCode }) => exitCode !== undefined);
  const results = withResult.map(({ exitCode }) => exitCode);
  if (
    !isDeepStrictEqual(
      results,
      made.map(({ exitCode }) => exitCode),
    )
  ) {
    faults.push(`the results of ${nodeId} are not those of its containers: ${words()}`);
  } else if (made.length !== work.failures + 1) {
    faults.push(`${nodeId} was executed ${made.length} times, not ${work.failures + 1}: ${words()}`);
  }
  for (const [index, { attempt }] of withResult.entries()) {
    faults.push(...checkOutput(log, nodeId, attempt, made[index]?.container ?? ""));
  }
  const others = tried.filter(({ exitCode }) => exitCode === undefined);
  const hits = rest.kills.filter((kill) => factsOf(kill.events, nodeId).outstanding).length;
  if (others.length > hits) faults.push(`${nodeId} has attempts without a result, and no kill hit them: ${words()}`);
  if (others.some(({ outcome }) => outcome !== "lost")) faults.push(`${nodeId} has strange outcomes: ${words()}`);
  if (work.mayNotBeLost) faults.push(...checkNotRepeated(events, nodeId));
  return faults;
}

function triedOf(events: readonly RunEvent[], nodeId: string): readonly Tried[] {
  return events.flatMap((event): readonly Tried[] => {
    if (!("node_id" in event) || event.node_id !== nodeId) return [];
    if (event.type === "node.succeeded") {
      const { exit_code: exitCode } = event.output as { readonly exit_code?: number };
      return [{ attempt: event.attempt, outcome: "succeeded", exitCode }];
    }
    if (event.type !== "node.attempt_failed") return [];
    const exitCode = event.error.details?.exit_code as number | undefined;
    return [{ attempt: event.attempt, outcome: event.outcome, exitCode }];
  });
}

function checkOutput(log: readonly LogLine[], nodeId: string, attempt: number, container: string): readonly string[] {
  const expected = outputOf(nodeId, container);
  return (["stdout", "stderr"] as const).flatMap((stream) => {
    const lines = log.filter((line) => line.node_id === nodeId && line.attempt === attempt && line.stream === stream);
    const texts = lines.map(({ text }) => text);
    if (isDeepStrictEqual(texts, expected[stream])) return [];
    return [`the log of attempt ${attempt} of ${nodeId} (${stream}, ${container}) is ${JSON.stringify(texts)}`];
  });
}

/** on_lost: fail: after a lost attempt nothing is started but by a resume that resets the node. */
function checkNotRepeated(events: readonly RunEvent[], nodeId: string): readonly string[] {
  let lost = false;
  for (const event of events) {
    if (event.type === "run.resumed" && event.reset.includes(nodeId)) lost = false;
    if (!("node_id" in event) || event.node_id !== nodeId) continue;
    if (event.type === "node.attempt_failed" && event.outcome === "lost") lost = true;
    if (event.type === "node.started" && lost) return [`${nodeId} is never to be made again once it was lost, and was`];
  }
  return [];
}
