// Which journal this is, among all that there are: what works for it outside of it (a container) is told from another's.
import { randomUUID } from "node:crypto";
import { statSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";

/** Which journal it is, among all that there are. */
export interface JournalIdentity {
  /** Unique over all journals; it stays where the state directory is moved on its disk or mounted at another place. */
  readonly id: string;
  /** An earlier version made the journal, and may have left things at work that do not say whose they are. */
  readonly isOlder: boolean;
}

/**
 * One row, without a checksum: one that has changed gives the journal a new identity, with which nothing is taken for
 * its own that is not.
 */
export const IDENTITY_TABLE = `
CREATE TABLE identity (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  id TEXT NOT NULL,
  place TEXT NOT NULL,
  is_older INTEGER NOT NULL
) STRICT;
`;

/**
 * Reads who the journal is. It is given an identity by the first owner that opens it, and a new one where the file is a
 * copy of the one that has it: the two are different journals from then on.
 * @throws errors of SQLite, also busy ones, and of the file system
 */
export function identifyJournal(db: DatabaseSync, path: string): JournalIdentity {
  const place = placeOf(path);
  const known = hasTable(db) ? readIdentity(db, place) : undefined;
  if (known !== undefined) return known;
  // Somebody else may be about to do the same.
  db.exec("BEGIN IMMEDIATE");
  try {
    const isOlder = !hasTable(db);
    if (isOlder) db.exec(IDENTITY_TABLE);
    const made = readIdentity(db, place) ?? writeIdentity(db, place, { id: randomUUID(), isOlder });
    db.exec("COMMIT");
    return made;
  } catch (thrown) {
    if (db.isTransaction) db.exec("ROLLBACK");
    throw thrown;
  }
}

/** The file itself, whatever its path: a copy is another one, also where it got the number of one that is gone. */
function placeOf(path: string): string {
  const { ino, birthtimeNs } = statSync(path, { bigint: true });
  return `${ino}-${birthtimeNs}`;
}

function hasTable(db: DatabaseSync): boolean {
  return db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'identity'").get() !== undefined;
}

function readIdentity(db: DatabaseSync, place: string): JournalIdentity | undefined {
  const row = db.prepare("SELECT id, is_older FROM identity WHERE place = ?").get(place);
  return row === undefined ? undefined : { id: String(row.id), isOlder: row.is_older === 1 };
}

function writeIdentity(db: DatabaseSync, place: string, identity: JournalIdentity): JournalIdentity {
  db.prepare("INSERT OR REPLACE INTO identity VALUES (1, ?, ?, ?)").run(identity.id, place, identity.isOlder ? 1 : 0);
  return identity;
}
