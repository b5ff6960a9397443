import { closeSync, copyFileSync, existsSync, mkdtempSync, openSync, readSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeFailure } from "../../kernel/describe-failure.ts";
import { BusbarError } from "../../kernel/errors.ts";
import { pathExists } from "../../kernel/path-exists.ts";
import { lockedError } from "./sqlite-errors.ts";
import { databasePath, walPath } from "./state-dir.ts";

/** Bytes of a WAL's header, which a checkpoint that starts it anew changes. */
const WAL_HEADER_BYTES = 32;

export interface Snapshot {
  readonly databasePath: string;
  remove(): void;
}

/**
 * Copies database and WAL into a private temporary folder: what can be read of a
 * directory that cannot be written. (SQLite's immutable=1 is no way: after a kill
 * it silently returns none of the rows that are in the WAL.)
 *
 * @throws BusbarError JOURNAL_TEMP_UNUSABLE; errors of the file system; a busy error if a writer kept moving rows from WAL to database while they were copied
 */
export function takeSnapshot(stateDir: string): Snapshot {
  const folder = makeTemporaryFolder(stateDir);
  const snapshot: Snapshot = {
    databasePath: databasePath(folder),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
  try {
    const before = fingerprint(stateDir);
    copyFileSync(databasePath(stateDir), databasePath(folder));
    if (pathExists(walPath(stateDir))) copyFileSync(walPath(stateDir), walPath(folder));
    // Rows that were appended to the WAL meanwhile do no harm: a cut WAL is a shorter one.
    if (fingerprint(stateDir) !== before) throw lockedError(databasePath(stateDir));
    return snapshot;
  } catch (thrown) {
    snapshot.remove();
    // Only what is written can find no space.
    throw isFull(thrown) ? temporaryError(stateDir, thrown) : thrown;
  }
}

function makeTemporaryFolder(stateDir: string): string {
  try {
    return mkdtempSync(join(tmpdir(), "busbar-journal-"));
  } catch (thrown) {
    throw temporaryError(stateDir, thrown);
  }
}

function isFull(thrown: unknown): boolean {
  return thrown instanceof Error && "code" in thrown && (thrown.code === "ENOSPC" || thrown.code === "EDQUOT");
}

function temporaryError(stateDir: string, cause: unknown): BusbarError {
  const folder = tmpdir();
  const why = existsSync(folder) ? describeFailure(cause) : "there is no such folder";
  const message = `The state directory ${stateDir} cannot be written here, so a copy of it is read; the folder for that, ${folder}, takes none: ${why}`;
  return new BusbarError("JOURNAL_TEMP_UNUSABLE", message, { cause });
}

/** Changes when a checkpoint wrote to the database or began the WAL anew. */
function fingerprint(stateDir: string): string {
  const { size, mtimeNs } = statSync(databasePath(stateDir), { bigint: true });
  return `${size} ${mtimeNs} ${walHeader(stateDir)}`;
}

function walHeader(stateDir: string): string {
  if (!pathExists(walPath(stateDir))) return "";
  const fd = openSync(walPath(stateDir), "r");
  try {
    const header = Buffer.alloc(WAL_HEADER_BYTES);
    readSync(fd, header, 0, WAL_HEADER_BYTES, 0);
    return header.toString("hex");
  } finally {
    closeSync(fd);
  }
}
