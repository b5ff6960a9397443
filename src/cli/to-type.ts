import type { Io } from "./io.ts";
import { quoteArgument } from "./render/quote.ts";

/** One of our commands as it has to be typed where this one was: `resume r1` → `npx busbar resume r1 --state-dir s`. */
export type ToType = (words: string) => string;

/** @param stateDir the value of --state-dir, if it was given */
export function createToType({ env }: Pick<Io, "env">, stateDir: string | undefined): ToType {
  // npm sets it for what npx and scripts call: `busbar` is then on nobody else's PATH.
  const program = env("npm_command") === undefined ? "busbar" : "npx busbar";
  const suffix = stateDir === undefined ? "" : ` --state-dir ${quoteArgument(stateDir)}`;
  return (words) => `${program} ${words}${suffix}`;
}
