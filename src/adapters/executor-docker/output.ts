// What a container writes, on its way into the attempt's log: all of it once, from however many clients it comes.

import { createCatchUp } from "./catch-up.ts";
import type { Job } from "./job.ts";
import { createSeen } from "./seen.ts";
import { createTail } from "./tail.ts";

export type ContainerStream = "stdout" | "stderr";

export interface Output {
  take(stream: ContainerStream, chunk: Buffer): void;
  /** Takes a copy of the stream, which comes from its beginning: what of it is new. */
  copyOf(stream: ContainerStream): Copy;
  /** The end of what has come of the stream. */
  recent(stream: ContainerStream): Buffer;
  /** It begins anew: what comes now is at no place that was reached before. */
  beginAnew(): void;
  /** The end of stderr, once all of it has come. */
  lastWords(): string;
}

export interface Copy {
  take(chunk: Buffer): void;
  /** Whether it is another output than the one that is known; nothing of it was taken. */
  isElsewhere(): boolean;
}

const MAX_WORDS_CHARS = 16 * 1024;

export function createOutput({ log, tools }: Pick<Job, "log" | "tools">): Output {
  let seen = { stdout: createSeen(), stderr: createSeen() };
  const words = createTail(MAX_WORDS_CHARS, tools.secrets.maskPieces());
  function pass(stream: ContainerStream, chunk: Buffer): void {
    if (chunk.length === 0) return;
    if (stream === "stderr") words.push(chunk);
    log.write(stream, chunk);
  }

  return {
    take(stream, chunk) {
      seen[stream].push(chunk);
      pass(stream, chunk);
    },
    copyOf(stream) {
      const catchUp = createCatchUp(seen[stream].place());
      return {
        take(chunk) {
          pass(stream, catchUp.push(chunk));
          seen[stream] = catchUp.caughtUp() ?? seen[stream];
        },
        isElsewhere: catchUp.isElsewhere,
      };
    },
    recent: (stream) => seen[stream].place().recent,
    beginAnew() {
      seen = { stdout: createSeen(), stderr: createSeen() };
    },
    lastWords: words.text,
  };
}
