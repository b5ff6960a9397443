import { lstatSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isServing } from "../../adapters/journal-sqlite/server-lock.ts";

/** Beside the lock of the server: where it listens, for commands on its machine. */
const FILE = "server-url";
const TOKEN_FILE = "server-token";

/** @returns what takes it back */
export function announceServer(stateDir: string, url: string): () => void {
  const path = join(stateDir, FILE);
  writeFileSync(path, `${url}\n`, { mode: 0o600 });
  return () => rmSync(path, { force: true });
}

/**
 * The own token of the server of a state directory, for whoever speaks to it: only where that server lives, listens
 * there and nowhere else, and the file is one that its user alone can read. Anybody may listen at a port that it has left.
 */
export function readOwnToken(stateDir: string, url: URL): string | undefined {
  try {
    if (new URL(readFileSync(join(stateDir, FILE), "utf8").trim()).port !== url.port || !isServing(stateDir))
      return undefined;
    const path = join(stateDir, TOKEN_FILE);
    const { mode, uid } = lstatSync(path);
    if (process.getuid !== undefined && (uid !== process.getuid() || (mode & 0o077) !== 0)) return undefined;
    const token = readFileSync(path, "utf8").trim();
    return token === "" ? undefined : token;
  } catch {
    // No server of ours has been here, or it is another user's.
    return undefined;
  }
}
