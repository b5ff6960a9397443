import { DatabaseSync } from "node:sqlite";
import { rowCrc } from "./checksum.ts";
import { IDENTITY_TABLE } from "./identity.ts";

/** Stands in the file as user_version. Old versions keep loading (E7); a newer one is refused. */
export const SCHEMA_VERSION = 1;

/** Stands in the file as application_id: "BUSB". */
export const APPLICATION_ID = 0x42555342;

/**
 * Every row carries a checksum, because SQLite notices neither a flipped byte of
 * a payload nor, after a cut, that rows are missing (semantics.md, "Journal").
 *
 * - events: `crc` runs over the previous event's crc and the text, from the CRC of the run's id.
 *   An ordinary table: rows of all runs go to its end, so a commit of many runs touches few pages
 *   (a table clustered by run took twice as long at 50 runs).
 * - runs: the head of the history (last_seq, last_crc), how many requests there are, who owns the run,
 *   and the list cache as JSON.
 * - totals: how many runs there are. With the counts of each run, no row goes missing unseen.
 */
const TABLES = `
CREATE TABLE totals (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  runs INTEGER NOT NULL,
  crc INTEGER NOT NULL
) STRICT;
CREATE TABLE runs (
  n INTEGER PRIMARY KEY,
  run_id TEXT NOT NULL UNIQUE,
  definition_hash TEXT NOT NULL,
  file TEXT,
  owner_id TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  last_seq INTEGER NOT NULL,
  last_crc INTEGER NOT NULL,
  requests INTEGER NOT NULL,
  summary TEXT NOT NULL,
  crc INTEGER NOT NULL
) STRICT;
CREATE TABLE events (
  run INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  body TEXT NOT NULL,
  crc INTEGER NOT NULL,
  PRIMARY KEY (run, seq)
) STRICT;
CREATE TABLE definitions (
  hash TEXT NOT NULL PRIMARY KEY,
  format TEXT NOT NULL,
  file TEXT,
  text TEXT NOT NULL,
  crc INTEGER NOT NULL
) STRICT;
CREATE TABLE owners (
  id TEXT NOT NULL PRIMARY KEY,
  pid INTEGER NOT NULL,
  host TEXT NOT NULL,
  started_at TEXT NOT NULL,
  busbar_version TEXT,
  crc INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE requests (
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL,
  key TEXT NOT NULL,
  kind TEXT NOT NULL,
  "by" TEXT NOT NULL,
  at TEXT NOT NULL,
  reason TEXT,
  answer TEXT,
  crc INTEGER NOT NULL,
  UNIQUE (run, key)
) STRICT;
${IDENTITY_TABLE}`;

/** The bytes of a journal without runs, in WAL mode. */
export function emptyDatabase(): Uint8Array {
  const db = new DatabaseSync(":memory:");
  try {
    db.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${SCHEMA_VERSION};`);
    db.exec(`BEGIN; ${TABLES} INSERT INTO totals VALUES (1, 0, ${rowCrc([0])}); COMMIT;`);
    const bytes = db.serialize();
    // An in-memory database cannot be switched to WAL; in the file format it is these two bytes
    // (https://www.sqlite.org/fileformat.html, "File format version numbers").
    bytes[18] = 2;
    bytes[19] = 2;
    return bytes;
  } finally {
    db.close();
  }
}
