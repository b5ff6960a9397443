import { rmSync } from "node:fs";
import { join } from "node:path";
import { BusbarError } from "../../kernel/errors.ts";
import { isLocked, tryLock } from "./owner-lock.ts";

const lockPath = (stateDir: string): string => join(stateDir, "server.lock");

/** Whether a server lives on a state directory. */
export function isServing(stateDir: string): boolean {
  return isLocked(lockPath(stateDir));
}

/**
 * Makes this process the one server of a state directory, for as long as it lives: the lock dies with it.
 * @param stateDir is there
 * @returns what ends it
 * @throws BusbarError SERVER_RUNNING; errors of the file system
 */
export function claimServer(stateDir: string): () => void {
  const path = lockPath(stateDir);
  const lock = tryLock(path);
  if (lock === undefined) {
    throw new BusbarError("SERVER_RUNNING", `another server runs on the state directory ${stateDir}`);
  }
  const remove = (): void => rmSync(path, { force: true });
  return () => {
    // Unlinked while it is held, so that nobody waits at a file that is gone; Windows removes no open file.
    if (process.platform !== "win32") remove();
    lock.release();
    if (process.platform === "win32") remove();
  };
}
