// What a container writes, on its way into the attempt's log: all of it once, from however many clients it comes.
import type { Job } from "./job.ts";
import { createSeen, type Place } from "./seen.ts";
import { createTail } from "./tail.ts";

export type ContainerStream = "stdout" | "stderr";

export interface Output {
  take(stream: ContainerStream, chunk: Buffer): void;
  /** How far the stream has come. */
  place(stream: ContainerStream): Place;
  /** It begins anew: what comes now is at no place that was reached before. */
  beginAnew(): void;
  /** The end of stderr, once all of it has come. */
  lastWords(): string;
}

const MAX_WORDS_CHARS = 16 * 1024;

export function createOutput({ log, tools }: Pick<Job, "log" | "tools">): Output {
  let seen = { stdout: createSeen(), stderr: createSeen() };
  const words = createTail(MAX_WORDS_CHARS, tools.secrets.maskPieces());
  return {
    take(stream, chunk) {
      if (chunk.length === 0) return;
      seen[stream].push(chunk);
      if (stream === "stderr") words.push(chunk);
      log.write(stream, chunk);
    },
    place: (stream) => seen[stream].place(),
    beginAnew() {
      seen = { stdout: createSeen(), stderr: createSeen() };
    },
    lastWords: words.text,
  };
}
