import { createOutput, type Output, type OutputOptions } from "./output.ts";
import { createSink } from "./sink.ts";

/** Where a command reads its surroundings and prints. Data goes to `out`, everything else to `err`. */
export interface Io {
  readonly out: Output;
  readonly err: Output;
  env(name: string): string | undefined;
}

export interface ProcessIoOptions extends OutputOptions {
  /** Told once that data could not be written to stdout, and why. */
  readonly onLostOutput: (why: string) => void;
}

export function createProcessIo({ onLostOutput, ...options }: ProcessIoOptions): Io {
  const { stdout, stderr, env } = process;
  return {
    out: createOutput(createSink(stdout, onLostOutput), stdout, options),
    // There is nowhere left to say that stderr cannot be written.
    err: createOutput(
      createSink(stderr, () => undefined),
      stderr,
      options,
    ),
    env: (name) => env[name],
  };
}
