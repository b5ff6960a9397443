import { join } from "node:path";
import type { Clock } from "../../kernel/clock.ts";
import { nameOnDisk } from "../../kernel/name-on-disk.ts";
import { pause } from "../../kernel/pause.ts";
import type { LogFilter, LogLine } from "../../ports/run-logs.ts";
import { namesIn, namesInIfFolder } from "./attempt-files.ts";
import { type AttemptReader, createAttemptReader } from "./attempt-reader.ts";
import { mergeLines } from "./merge.ts";
import { parseAttempt } from "./names.ts";
import { findTail } from "./tail.ts";

/** How often whoever follows looks for more. */
export const LOOK_MS = 150;

/** Memory for what is read ahead, of all attempts together; one reads so much at once. */
const AHEAD_BYTES = 8 * 1024 * 1024;
const MAX_CHUNK_BYTES = 64 * 1024;
const MIN_CHUNK_BYTES = 4 * 1024;

/** Lines after which others get a turn. */
const LINES_A_TURN = 512;

/**
 * The lines of a run, in rounds: each takes note of what there is and gives all of it, so that a writer that never
 * pauses hides no other. Without `until` there is one round. Nothing stays open in between.
 */
export async function* readRun(folder: string, filter: LogFilter, clock: Clock): AsyncGenerator<LogLine> {
  const { until, tail } = filter;
  const readers = new Map<string, AttemptReader>();
  const chunkBytes = (): number =>
    Math.min(MAX_CHUNK_BYTES, Math.max(MIN_CHUNK_BYTES, Math.floor(AHEAD_BYTES / readers.size)));
  const look = createLook(folder, filter);
  let given = 0;
  for (let round = 1; ; round += 1) {
    // Asked first: what was written before the abort is there when it is looked for.
    const last = until === undefined || until.aborted;
    let skip = 0;
    for (const attempt of look()) {
      if (readers.has(attempt)) continue;
      if (round > 1 || tail === undefined) {
        readers.set(attempt, createAttemptReader(attempt, { chunkBytes }));
        continue;
      }
      const from = findTail(attempt, tail);
      readers.set(attempt, createAttemptReader(attempt, { chunkBytes, from }));
      const counter = createAttemptReader(attempt, { chunkBytes, from });
      counter.look();
      for (const _ of mergeLines([counter], last)) skip += 1;
    }
    skip -= tail ?? 0;
    for (const reader of readers.values()) reader.look();
    for (const line of mergeLines([...readers.values()], last)) {
      given += 1;
      if (given % LINES_A_TURN === 0) await new Promise<void>((resolve) => setImmediate(resolve));
      if (round > 1 || tail === undefined || skip <= 0) yield line;
      else skip -= 1;
    }
    if (last) return;
    await pause(clock, LOOK_MS, until);
  }
}

/** The folders of the attempts that there are and that are asked for, by node, then in their order. */
function createLook(folder: string, { nodeId, attempt }: LogFilter): () => readonly string[] {
  /** The first attempt of a node that is asked for, where its latest one is. */
  const latest = new Map<string, number>();
  return () => {
    const all = namesIn(folder).toSorted();
    const nodes = nodeId === undefined ? all : [nameOnDisk(nodeId)];
    return nodes.flatMap((node) => {
      const numbers = namesInIfFolder(join(folder, node))
        .flatMap((name) => parseAttempt(name) ?? [])
        .sort((a, b) => a - b);
      const first = latest.get(node) ?? numbers.at(-1);
      if (first !== undefined) latest.set(node, first);
      return numbers
        .filter(
          (number) => attempt === undefined || (attempt === "latest" ? number >= (first ?? 1) : number === attempt),
        )
        .map((number) => join(folder, node, String(number)));
    });
  };
}
