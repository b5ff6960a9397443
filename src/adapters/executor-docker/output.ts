// What a container writes, on its way into the attempt's log: all of it once, from however many clients it comes.
import { createCatchUp } from "./catch-up.ts";
import { type Job, note } from "./job.ts";
import { createSeen } from "./seen.ts";
import { createTail } from "./tail.ts";
import { engineName } from "./words.ts";

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

export function createOutput(job: Job): Output {
  let seen = { stdout: createSeen(), stderr: createSeen() };
  const words = createTail(MAX_WORDS_CHARS, job.secrets.maskPieces());

  function pass(stream: ContainerStream, chunk: Buffer): void {
    if (chunk.length === 0) return;
    if (stream === "stderr") words.push(chunk);
    job.log.write(stream, chunk);
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
          const wasBehind = catchUp.at() === "behind";
          const news = catchUp.push(chunk);
          const at = catchUp.at();
          if (wasBehind && (at === "there" || at === "beyond")) seen[stream] = catchUp.copy;
          if (wasBehind && at === "beyond") tellLoss(job, stream);
          pass(stream, news);
        },
        isElsewhere: () => catchUp.at() === "elsewhere",
      };
    },
    recent: (stream) => seen[stream].recent(),
    beginAnew() {
      seen = { stdout: createSeen(), stderr: createSeen() };
    },
    lastWords: words.text,
  };
}

function tellLoss(job: Job, stream: ContainerStream): void {
  const engine = engineName(job.request);
  note(job, `${engine} has not kept all that was seen of ${stream}; what it has from there on follows`);
}
