import { resolve } from "node:path";
import { quoteArgument } from "./render/quote.ts";

/** Where runs are recorded: --state-dir, then BUSBAR_STATE_DIR, then .busbar here. Absolute. */
export function resolveStateDir(options: {
  readonly flag: string | undefined;
  readonly env: (name: string) => string | undefined;
  readonly cwd: string;
}): string {
  const fromEnv = options.env("BUSBAR_STATE_DIR");
  return resolve(options.cwd, options.flag ?? (fromEnv === undefined || fromEnv === "" ? ".busbar" : fromEnv));
}

/** What a command that we tell the user to type needs to find the same state directory. */
export function stateDirSuffix(flag: string | undefined): string {
  return flag === undefined ? "" : ` --state-dir ${quoteArgument(flag)}`;
}
