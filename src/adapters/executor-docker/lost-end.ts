// Whether a stream broke off although its client ended as if nothing had happened: what attaches to a container has a
// connection for each of its questions, and takes the end of that of the output for the end of the output.

import { pause } from "../../kernel/pause.ts";
import { startClient } from "./client.ts";
import type { Container } from "./containers.ts";
import type { Job } from "./job.ts";
import type { ContainerStream, Output } from "./output.ts";
import { endsAlike, lastOf, NEWLINE, NOTHING } from "./seen.ts";

const LINES = 20;
/** Half of what is known of the end of an output. */
const MAX_BYTES = 2048;
const ANSWERS_WITHIN_MS = 5000;

/**
 * Compares the last lines that the engine has with those that have come.
 * @param doubtful what has come of stderr beyond the output
 * @returns `unknown` where the engine does not say
 */
export async function compareEnds(
  { tools, request }: Job,
  output: Output,
  container: Container,
  doubtful: Buffer = NOTHING,
): Promise<"alike" | "different" | "unknown"> {
  if (!container.keepsOutput) return "unknown";
  const ends = { stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) };
  const take = (stream: ContainerStream) => (chunk: Buffer) => {
    ends[stream] = lastOf(ends[stream], chunk, MAX_BYTES);
  };
  const client = startClient(tools.clock, {
    program: request.program,
    args: ["logs", `--tail=${LINES}`, container.id],
    env: tools.env,
    onStdout: take("stdout"),
    onStderr: take("stderr"),
  });
  const over = new AbortController();
  const end = await Promise.race([client.ended, pause(tools.clock, ANSWERS_WITHIN_MS, over.signal)]);
  over.abort();
  client.kill();
  if (end?.ended !== "exited" || end.code !== 0) return "unknown";
  const stderr = Buffer.concat([output.recent("stderr"), doubtful]);
  const isAlike = endsAlike(output.recent("stdout"), ends.stdout) && endsAlike(stderr, ends.stderr);
  return isAlike && endsAlike(ends.stderr, lastLineOf(doubtful)) ? "alike" : "different";
}

/** With the line end that it has. */
function lastLineOf(text: Buffer): Buffer {
  const start = text.subarray(0, -1).lastIndexOf(NEWLINE) + 1;
  return lastOf(NOTHING, text.subarray(start), MAX_BYTES);
}
