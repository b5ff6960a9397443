// Short questions to an engine through its client program: an answer, bounded in size and time.
import type { Clock } from "../../kernel/clock.ts";
import type { Secrets } from "../../kernel/secrets.ts";
import type { HostPolicy } from "../../workflow/policy/policy.ts";
import { type Client, type ClientEnd, startClient, type Variables } from "./client.ts";
import type { JournalOfContainers } from "./identity.ts";
import { createTail } from "./tail.ts";

export interface EngineTools {
  readonly clock: Clock;
  readonly secrets: Secrets;
  /** What the clients get of Busbar's environment. */
  readonly env: Variables;
  /** Whose containers these are; left out where no journal is known. */
  readonly journal?: JournalOfContainers;
  /** What the host allows; without one, what this user may do. */
  readonly policy?: HostPolicy;
}

export interface AskOptions {
  readonly timeoutMs: number;
  /** Ends the client, not what the engine has begun. */
  readonly signal?: AbortSignal;
  /** Added to the client's environment. */
  readonly variables?: Variables;
  readonly onStderr?: (chunk: Buffer) => void;
}

export interface Answer {
  readonly end: ClientEnd;
  /** Whether the client was ended because its time was over. */
  readonly silent: boolean;
  readonly stdout: string;
  /** The end of it. */
  readonly stderr: string;
}

/** An engine's answer to one question: `inspect` of 50 containers is about 500 KiB. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;
const MAX_STDERR_CHARS = 16 * 1024;

/** Never rejects. */
export async function askEngine(
  tools: EngineTools,
  program: string,
  args: readonly string[],
  options: AskOptions,
): Promise<Answer> {
  const { timeoutMs, signal, variables, onStderr } = options;
  const stdout: Buffer[] = [];
  let bytes = 0;
  let silent = false;
  const stderr = createTail(MAX_STDERR_CHARS, tools.secrets.maskPieces());
  const client: Client = startClient(tools.clock, {
    program,
    args,
    env: { ...tools.env, ...variables },
    onStdout(chunk) {
      bytes += chunk.length;
      if (bytes <= MAX_ANSWER_BYTES) stdout.push(chunk);
      else client.kill();
    },
    onStderr(chunk) {
      stderr.push(chunk);
      onStderr?.(chunk);
    },
  });
  const cancelTimer = tools.clock.after(timeoutMs, () => {
    silent = true;
    client.kill();
  });
  if (signal?.aborted) client.kill();
  signal?.addEventListener("abort", client.kill);
  const end = await client.ended;
  signal?.removeEventListener("abort", client.kill);
  cancelTimer();
  return {
    end,
    silent: silent && end.ended === "killed",
    stdout: Buffer.concat(stdout).toString("utf8"),
    stderr: stderr.text(),
  };
}

export function hasSucceeded({ end }: Pick<Answer, "end">): boolean {
  return end.ended === "exited" && end.code === 0;
}

/** How clients of docker and podman say that they got no connection to their engine, or lost it. */
const NO_CONNECTION =
  /cannot connect to (?:the docker daemon|podman)|is the docker daemon running|error during connect|connection (?:refused|reset)|unable to connect to podman|error waiting for container|(?:unexpected |: )EOF\s*$/im;

export function lostConnection(stderr: string): boolean {
  return NO_CONNECTION.test(stderr);
}
