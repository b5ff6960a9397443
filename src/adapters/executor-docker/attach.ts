// The output of a container as it comes, into the attempt's log.
import { type Client, type ClientEnd, startClient } from "./client.ts";
import type { Job } from "./job.ts";
import { createTail, type Tail } from "./tail.ts";

/**
 * - `start`: starts the container with its outputs attached before it runs
 * - `logs`: all it has written since it was started, then what it still writes, until it ends
 * - `wait`: nothing of its output, for containers whose output the engine does not keep
 */
export type AttachMode = "start" | "logs" | "wait";

export interface Attachment {
  readonly ended: Promise<ClientEnd>;
  /** The end of what came on stderr: the container's words, and those of the client itself. */
  readonly stderr: Tail;
  /** Leaves the container as it is. */
  detach(): void;
}

const MAX_STDERR_CHARS = 16 * 1024;

/**
 * Memory is bounded: a chunk has left the process before the next one is read, so that a client whose
 * container writes too fast has to wait.
 */
export function attach({ tools, request, log }: Job, id: string, mode: AttachMode): Attachment {
  const stderr = createTail(MAX_STDERR_CHARS, tools.secrets.maskPieces());
  const client: Client = startClient(tools.clock, {
    program: request.program,
    args: argsOf(mode, id, request.options),
    env: tools.env,
    onStdout: (chunk) => {
      // `wait` prints an exit code, which is not the container's output.
      if (mode !== "wait") log.write("stdout", chunk);
    },
    onStderr: (chunk) => {
      stderr.push(chunk);
      log.write("stderr", chunk);
    },
  });
  return { ended: client.ended, stderr, detach: client.kill };
}

function argsOf(mode: AttachMode, id: string, options: readonly string[]): readonly string[] {
  if (mode === "wait") return ["wait", id];
  if (mode === "logs") return ["logs", "--follow", id];
  // With a standard input that is kept open: attached to nothing, it ends at once. Otherwise it would never end.
  const input = options.some((option) => option === "--interactive" || option === "--interactive=true");
  return ["start", "--attach", ...(input ? ["--interactive"] : []), id];
}
