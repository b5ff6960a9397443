import type { RunReader, RunView } from "../ports/runtime.ts";

/** What reading a run over and over has shown. */
export interface ReadingResult {
  /** How many different lengths its history had. */
  readonly lengths: number;
  /** Views whose parts are not as of one moment: the nodes say something else than the counts, or than the last event. */
  readonly torn: readonly string[];
}

/** Reads a run in turns through all of them, until `isOver`. */
export async function readOver(
  readers: readonly Pick<RunReader, "get">[],
  runId: string,
  isOver: () => boolean,
): Promise<ReadingResult> {
  const lengths = new Set<number>();
  const torn: string[] = [];
  while (!isOver()) {
    for (const reader of readers) {
      const view = await reader.get(runId);
      lengths.add(view.last_seq);
      const problem = problemOf(view);
      if (problem !== undefined) torn.push(problem);
    }
    // What goes on beside this is given its turn.
    await new Promise((resolve) => setImmediate(resolve));
  }
  return { lengths: lengths.size, torn };
}

/** Counts and length come from the run's row, nodes from its events. */
function problemOf({ counts, last_seq, nodes }: RunView): string | undefined {
  for (const [status, count] of Object.entries(counts)) {
    const counted = nodes.filter((node) => node.status === status).length;
    if (counted !== count) return `at ${last_seq} events ${count} nodes are ${status}, and the nodes say ${counted}`;
  }
  return undefined;
}
