import { isatty } from "node:tty";
import { createOutput, type Output, type OutputOptions } from "./output.ts";
import { createSink, type Sink } from "./sink.ts";

/** Where a command reads its surroundings and prints. Data goes to `out`, everything else to `err`. */
export interface Io {
  readonly out: Output;
  readonly err: Output;
  env(name: string): string | undefined;
  /** Whether stdin, stdout or stderr was a terminal when the process started; one that has closed is none any more. */
  readonly startedAtTerminal: boolean;
}

export interface ProcessIoOptions extends OutputOptions {
  /** Told once that data could not be written to stdout, and why. */
  readonly onLostOutput: (why: string) => void;
  /** In place of stderr. */
  readonly err?: Sink | undefined;
}

export function createProcessIo({ onLostOutput, err, ...options }: ProcessIoOptions): Io {
  const { stdout, stderr, env } = process;
  return {
    out: createOutput(createSink(stdout, onLostOutput), stdout, options),
    // There is nowhere left to say that stderr cannot be written.
    err: createOutput(err ?? createSink(stderr, () => undefined), stderr, options),
    env: (name) => env[name],
    startedAtTerminal: [0, 1, 2].some(isatty),
  };
}
