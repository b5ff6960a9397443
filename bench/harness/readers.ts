// Who looks at the runs of a process, as dashboards do that were asked for them.
import { setTimeout } from "node:timers/promises";
import type { RunReader } from "../../src/ports/runtime.ts";

/** Between two looks of one reader, in milliseconds. */
const PAUSE_MS = 100;

/**
 * So many readers, each of which lists the newest 50 runs and views one of them after the other, over and over.
 * @returns ends them
 */
export function startReaders(reader: Pick<RunReader, "list" | "get">, count: number): () => Promise<void> {
  let isOver = false;
  const read = async (first: number): Promise<void> => {
    // Not all at once.
    await setTimeout((first * PAUSE_MS) / count);
    for (let turn = first; !isOver; turn += 1) {
      const { runs } = await reader.list({ limit: 50 });
      const run = runs[turn % Math.max(1, runs.length)];
      if (run !== undefined) await reader.get(run.run_id);
      await setTimeout(PAUSE_MS);
    }
  };
  const reading = Promise.all(Array.from({ length: count }, (_, index) => read(index)));
  return async () => {
    isOver = true;
    await reading;
  };
}
