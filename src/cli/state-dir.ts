import { resolve } from "node:path";

/**
 * Where runs are recorded: --state-dir, then BUSBAR_STATE_DIR, then .busbar here. Absolute. The working directory is
 * asked for only where the path is not: it may be gone.
 */
export function resolveStateDir(options: {
  readonly flag: string | undefined;
  readonly env: (name: string) => string | undefined;
}): string {
  const fromEnv = options.env("BUSBAR_STATE_DIR");
  return resolve(options.flag ?? (fromEnv === undefined || fromEnv === "" ? ".busbar" : fromEnv));
}
