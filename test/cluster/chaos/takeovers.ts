import type { PastFault } from "./faults.ts";
import type { PastRun } from "./judge.ts";

/** How long it took until an attempt that a worker had under way was recorded as lost, in milliseconds, by what became of the worker. */
export function takeoversOf(
  runs: readonly PastRun[],
  broken: readonly PastFault[],
): { readonly killed: readonly number[]; readonly stopped: readonly number[] } {
  const after = (kind: PastFault["kind"]): readonly number[] =>
    broken
      .filter((fault) => fault.kind === kind)
      .flatMap(({ pid, fromMs }) => runs.flatMap((run) => lostOf(run, pid, fromMs)))
      .sort((a, b) => a - b);
  return { killed: after("workerKilled"), stopped: after("workerStopped") };
}

function lostOf({ events, notes }: PastRun, pid: number, fromMs: number): readonly number[] {
  const hasEnded = new Set(
    notes.filter(({ what, atMs }) => what === "ended" && atMs < fromMs).map(({ token }) => token),
  );
  return notes
    .filter((note) => note.what === "begun" && note.pid === pid && note.atMs < fromMs && !hasEnded.has(note.token))
    .flatMap(({ nodeId, attempt }) => {
      const lost = events.find(
        (event) =>
          event.type === "node.attempt_failed" &&
          event.outcome === "lost" &&
          event.node_id === nodeId &&
          event.attempt === attempt,
      );
      return lost === undefined ? [] : [Date.parse(lost.at) - fromMs];
    });
}
