import type { Io } from "./io.ts";
import { quoteArgument } from "./render/quote.ts";

/** A command as a person has to type it here: `resume r1` → `npx busbar resume r1 --state-dir s`. */
export type FormatCommand = (words: string) => string;

/** Commands that have no --state-dir. */
const STATELESS = /^(?:check|dummy-server|graph|init|proto|schema|validate)(?: |$)/;

/** @param stateDir the value of --state-dir, if it was given */
export function createCommandFormatter({ env }: Pick<Io, "env">, stateDir: string | undefined): FormatCommand {
  // npm sets this for what npx and npm scripts call; where it is not set, `busbar` is on the PATH.
  const program = env("npm_command") === undefined ? "busbar" : "npx busbar";
  const suffix = stateDir === undefined ? "" : ` --state-dir ${quoteArgument(stateDir)}`;
  return (words) => `${program} ${words}${STATELESS.test(words) ? "" : suffix}`;
}
