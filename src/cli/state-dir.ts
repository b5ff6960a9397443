import { resolve } from "node:path";

/** Where runs are recorded: --state-dir, then BUSBAR_STATE_DIR, then .busbar here. Absolute. */
export function resolveStateDir(options: {
  readonly flag: string | undefined;
  readonly env: (name: string) => string | undefined;
  readonly cwd: string;
}): string {
  const fromEnv = options.env("BUSBAR_STATE_DIR");
  return resolve(options.cwd, options.flag ?? (fromEnv === undefined || fromEnv === "" ? ".busbar" : fromEnv));
}
