import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isServing } from "../../adapters/journal-sqlite/server-lock.ts";

/** Beside the lock of the server. */
const pathIn = (stateDir: string): string => join(stateDir, "server-url");

/**
 * Tells commands of this machine where the server of a state directory listens.
 * @returns takes it back
 */
export function announceServer(stateDir: string, url: string): () => void {
  const path = pathIn(stateDir);
  writeFileSync(path, `${url}\n`, { mode: 0o600 });
  return () => rmSync(path, { force: true });
}

/** Whether the server of a state directory lives and listens at that port: at one that it has left, anybody may. */
export function isAnnounced(stateDir: string, url: URL): boolean {
  try {
    return new URL(readFileSync(pathIn(stateDir), "utf8").trim()).port === url.port && isServing(stateDir);
  } catch {
    // No server has been here, or it is another user's.
    return false;
  }
}
