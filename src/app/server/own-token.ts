// The server's own token: whoever may read the state directory's files is admin, as they could change them anyway.
import { chmodSync, lstatSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TokenStore } from "../../ports/access.ts";

/** @param stateDir of the server */
function pathIn(stateDir: string): string {
  return join(stateDir, "server-token");
}

/**
 * Sees to it that a valid token of the server lies in its state directory, for its user alone. One that others could
 * have read is replaced, and with it all that were made for this before.
 */
export async function keepOwnToken(stateDir: string, tokens: TokenStore): Promise<void> {
  const path = pathIn(stateDir);
  const kept = readPrivate(path);
  const record = kept === undefined ? undefined : await tokens.find(kept);
  if (record?.own === true && record.expires_at === undefined) return;
  for (const { id, own } of await tokens.list()) if (own) await tokens.revoke(id);
  allowOnlyUser(stateDir);
  const { token } = await tokens.create({ role: "admin", own: true });
  const temporary = `${path}.new`;
  rmSync(temporary, { force: true });
  writeFileSync(temporary, `${token}\n`, { mode: 0o600, flag: "wx", flush: true });
  renameSync(temporary, path);
}

/** The token of the server that works on this state directory; undefined where there is none for this user alone. */
export function readOwnToken(stateDir: string): string | undefined {
  try {
    return readPrivate(pathIn(stateDir));
  } catch {
    return undefined;
  }
}

function readPrivate(path: string): string | undefined {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found?.isFile() !== true) return undefined;
  // Windows has no such rights.
  const isPrivate = process.platform === "win32" || ((found.mode & 0o077) === 0 && found.uid === process.geteuid?.());
  return isPrivate ? readFileSync(path, "utf8").trim() : undefined;
}

function allowOnlyUser(stateDir: string): void {
  try {
    chmodSync(stateDir, 0o700);
  } catch {
    // The directory is another user's, who has let this one in. The token is this one's alone all the same.
  }
}
