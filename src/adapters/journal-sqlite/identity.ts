// Which journal this is, among all that there are: what works for it outside of it (a container) is told from another's.
import { randomUUID } from "node:crypto";
import type { BigIntStats } from "node:fs";
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

/** What the file system says of the database's file; of `statSync(path, { bigint: true })`. */
export type FileFacts = Pick<BigIntStats, "ino" | "birthtimeNs" | "ctimeNs">;

/**
 * Reads who the journal is. It is given an identity by the first owner that opens it, and a new one where the file is a
 * copy of the one that has it: the two are different journals from then on.
 * @throws errors of SQLite, also busy ones
 */
export function identifyJournal(db: DatabaseSync, file: FileFacts): JournalIdentity {
  const here = placeOf(file);
  const known = hasTable(db) ? readRow(db) : undefined;
  if (known !== undefined && uniteIfSame(known.place, here) === known.place) return known.identity;
  // Somebody else may be about to do the same.
  db.exec("BEGIN IMMEDIATE");
  try {
    const isOlder = !hasTable(db);
    if (isOlder) db.exec(IDENTITY_TABLE);
    const row = readRow(db);
    const place = row && uniteIfSame(row.place, here);
    const identity = row && place !== undefined ? row.identity : { id: randomUUID(), isOlder };
    writeRow(db, { place: place ?? here, identity });
    db.exec("COMMIT");
    return identity;
  } catch (thrown) {
    if (db.isTransaction) db.exec("ROLLBACK");
    throw thrown;
  }
}

/**
 * The file itself, whatever its path: its number and, where that is known, its birth, by which a copy is another one
 * also where it got the number of one that is gone, or has the same on another disk. Where file system or kernel know
 * no birth, Node.js gives 0 or the time of the last change (https://nodejs.org/api/fs.html#stat-time-values). A file
 * that was made just now reads like that too: its birth is known from a later opening on.
 */
function placeOf({ ino, birthtimeNs, ctimeNs }: FileFacts): string {
  const isBirth = birthtimeNs !== 0n && birthtimeNs !== ctimeNs;
  return `${ino}-${isBirth ? birthtimeNs : ""}`;
}

/** All that both say of one file; undefined where they are two files. */
function uniteIfSame(a: string, b: string): string | undefined {
  const [[inoA, birthA], [inoB, birthB]] = [a.split("-"), b.split("-")];
  if (inoA !== inoB) return undefined;
  if (birthA === "") return b;
  return birthB === "" || birthB === birthA ? a : undefined;
}

function hasTable(db: DatabaseSync): boolean {
  return db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'identity'").get() !== undefined;
}

interface IdentityRow {
  readonly place: string;
  readonly identity: JournalIdentity;
}

function readRow(db: DatabaseSync): IdentityRow | undefined {
  const row = db.prepare("SELECT id, place, is_older FROM identity").get();
  if (row === undefined) return undefined;
  return { place: String(row.place), identity: { id: String(row.id), isOlder: row.is_older === 1 } };
}

function writeRow(db: DatabaseSync, { place, identity }: IdentityRow): void {
  db.prepare("INSERT OR REPLACE INTO identity VALUES (1, ?, ?, ?)").run(identity.id, place, identity.isOlder ? 1 : 0);
}
