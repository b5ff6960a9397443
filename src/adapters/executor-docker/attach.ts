// The output of a container as it comes, by way of a client.
import type { CancelTimer } from "../../kernel/clock.ts";
import { type Client, type ClientEnd, startClient } from "./client.ts";
import type { Job } from "./job.ts";
import { createLastWords } from "./last-words.ts";
import type { ContainerStream, Output } from "./output.ts";
import { createTail } from "./tail.ts";

/**
 * - `start`: starts the container with its outputs attached before it runs
 * - `logs`: what it has written beyond what is known of its output, and what it still writes, until it ends
 * - `wait`: nothing of its output, for containers whose output the engine does not give
 */
export type AttachMode = "start" | "logs" | "wait";

export interface Attachment {
  readonly ended: Promise<ClientEnd>;
  /** The end of what came on its stderr: the container's words, and those of the client itself. */
  words(): string;
  /**
   * Once it has ended: what may be the client's own words, which have not been passed on. Whoever knows that they are
   * the container's passes them on.
   */
  readonly doubtful: { text(): string; bytes(): Buffer; passOn(): void };
  /** Whether the engine gave another output than the one that is known, none of which was passed on. */
  isElsewhere(): boolean;
  /** Leaves the container as it is. */
  detach(): void;
}

const MAX_STDERR_CHARS = 16 * 1024;
/** A client ends at once when it has said its last words; a container that said the like may go on. */
const DOUBT_MS = 1000;

/**
 * Memory is bounded: a chunk has left the process before the next one is read, so that a client whose
 * container writes too fast has to wait.
 */
export function attach({ tools, request }: Job, output: Output, id: string, mode: AttachMode): Attachment {
  const words = createTail(MAX_STDERR_CHARS, tools.secrets.maskPieces());
  const lastWords = createLastWords();
  const copies = mode === "logs" ? { stdout: output.copyOf("stdout"), stderr: output.copyOf("stderr") } : undefined;
  const isElsewhere = (): boolean => copies?.stdout.isElsewhere() === true || copies?.stderr.isElsewhere() === true;
  const pass = (stream: ContainerStream, chunk: Buffer): void => {
    if (copies === undefined) output.take(stream, chunk);
    else copies[stream].take(chunk);
    if (isElsewhere()) client.kill();
  };
  let cancelDoubt: CancelTimer = () => undefined;
  const passDoubtful = (): void => {
    cancelDoubt();
    pass("stderr", lastWords.release());
  };
  let isFollowed: () => boolean = () => false;
  const client: Client = startClient(tools.clock, {
    program: request.program,
    args: argsOf(mode, id, request.options),
    env: tools.env,
    onStdout: (chunk) => {
      // `wait` prints an exit code, which is not the container's output.
      if (mode === "wait") return;
      if (isFollowed() && lastWords.isCommon()) passDoubtful();
      pass("stdout", chunk);
    },
    onStderr: (chunk) => {
      words.push(chunk);
      if (mode === "wait") return;
      cancelDoubt();
      pass("stderr", lastWords.push(chunk));
      isFollowed = () => false;
      if (lastWords.held().length === 0) return;
      cancelDoubt = tools.clock.after(DOUBT_MS, passDoubtful);
      isFollowed = startTurns();
    },
  });
  const ended = client.ended.finally(() => cancelDoubt());
  return {
    ended,
    words: words.text,
    doubtful: {
      text: () => tools.secrets.mask(lastWords.held().toString("utf8")),
      bytes: lastWords.held,
      passOn: passDoubtful,
    },
    isElsewhere,
    detach: client.kill,
  };
}

/**
 * Whether what comes now was written after what has come before: what both of two pipes hold is read within two turns, in
 * any order.
 */
function startTurns(): () => boolean {
  let left = 2;
  const turn = (): void => {
    left -= 1;
    if (left > 0) setImmediate(turn);
  };
  setImmediate(turn);
  return () => left === 0;
}

function argsOf(mode: AttachMode, id: string, options: readonly string[]): readonly string[] {
  if (mode === "wait") return ["wait", id];
  if (mode === "logs") return ["logs", "--follow", id];
  // With a standard input that is kept open: attached to nothing, it ends at once. Otherwise it would never end.
  const input = options.some((option) => option === "--interactive" || option === "--interactive=true");
  return ["start", "--attach", ...(input ? ["--interactive"] : []), id];
}
