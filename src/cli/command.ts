import type { Secrets } from "../kernel/secrets.ts";
import type { Handover } from "./detach/handover.ts";
import type { Io } from "./io.ts";
import type { Values } from "./values.ts";

/** What a command takes, what its help says, and what it does: one per file under commands/. */
export interface Command {
  readonly name: string;
  /** One line, for the list of commands. */
  readonly summary: string;
  /** More, for its own help. */
  readonly description?: string;
  readonly positionals: readonly Positional[];
  readonly options: readonly Option[];
  readonly examples: readonly Example[];
  /** What its exit codes mean, where that is not the common table. */
  readonly exitCodes?: string;
  /** @returns the exit code */
  run(invocation: Invocation): Promise<number>;
}

export interface Positional {
  readonly name: string;
  readonly about: string;
  readonly optional?: true;
}

export interface Option {
  /** Without the dashes. */
  readonly name: string;
  /** What stands for the value in the help; none for a switch. */
  readonly value?: string;
  readonly multiple?: true;
  readonly choices?: readonly string[];
  readonly about: string;
}

interface Example {
  readonly command: string;
  readonly says: string;
}

export interface Invocation {
  readonly values: Values;
  readonly io: Io;
  /** In the process that `--detach` has started in the background. */
  readonly handover?: Handover;
  /** Environment values that are read through this are masked in everything that is printed. */
  readonly secrets: Secrets;
}
