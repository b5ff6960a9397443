import { DatabaseSync } from "node:sqlite";
import { IDENTITY_TABLE } from "./identity.ts";
import { NO_TOTALS, totalsCrc } from "./rows.ts";

/** Stands in the file as user_version. Old versions keep loading (E7); a newer one is refused. */
export const SCHEMA_VERSION = 2;

/** Stands in the file as application_id: "BUSB". */
export const APPLICATION_ID = 0x42555342;

/**
 * The tables of version 2 that version 1 had otherwise or not at all.
 *
 * Every row carries a checksum, because SQLite notices neither a flipped byte of
 * a payload nor, after a cut, that rows are missing (semantics.md, "Journal").
 *
 * - events: `crc` runs over the previous event's crc and the text, from the CRC of the run's id.
 *   An ordinary table: rows of all runs go to its end, so a commit of many runs touches few pages
 *   (a table clustered by run took twice as long at 50 runs). `pos` is never used twice, nor is the `id` of a request.
 * - runs: the head of the history (last_seq, last_crc), how many requests there are, who owns the run,
 *   and the list cache as JSON; of that cache again, in columns, what lists are asked for.
 * - earlier_definitions: the workflows that a run had before it was resumed with another one. `runs` and this table
 *   say together which are still needed.
 * - totals: how many runs and tombstones there are. With the counts of each run, no row goes missing unseen. And the
 *   numbers that are not given again: `last_run` the highest of a run, `last_pos` and `last_request` the highest of
 *   those whose rows were deleted (AUTOINCREMENT would write its own table with each commit).
 * - tombstones: ids that are not to be used again, since services deduplicate by them; `has_logs` until what the run's
 *   containers wrote is gone too.
 */
export const CHANGED_TABLES = `
CREATE TABLE totals (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  runs INTEGER NOT NULL,
  last_run INTEGER NOT NULL,
  last_pos INTEGER NOT NULL,
  last_request INTEGER NOT NULL,
  pruned INTEGER NOT NULL,
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
  origin TEXT,
  priority INTEGER,
  idempotency_key TEXT,
  idempotency_hash TEXT,
  status TEXT NOT NULL,
  workflow TEXT NOT NULL,
  created INTEGER NOT NULL,
  ended INTEGER,
  crc INTEGER NOT NULL
) STRICT;
CREATE INDEX runs_by_status ON runs (status);
CREATE INDEX runs_by_workflow ON runs (workflow);
CREATE INDEX runs_by_created ON runs (created);
CREATE INDEX runs_by_ended ON runs (ended) WHERE ended IS NOT NULL;
CREATE INDEX runs_by_definition ON runs (definition_hash);
CREATE UNIQUE INDEX runs_by_key ON runs (idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE TABLE events (
  pos INTEGER PRIMARY KEY,
  run INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  body TEXT NOT NULL,
  crc INTEGER NOT NULL,
  UNIQUE (run, seq)
) STRICT;
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
CREATE TABLE earlier_definitions (
  run INTEGER NOT NULL,
  hash TEXT NOT NULL,
  PRIMARY KEY (run, hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX earlier_definitions_by_hash ON earlier_definitions (hash);
CREATE TABLE tombstones (
  run_id TEXT NOT NULL PRIMARY KEY,
  pruned_at TEXT NOT NULL,
  has_logs INTEGER NOT NULL,
  crc INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX tombstones_with_logs ON tombstones (run_id) WHERE has_logs = 1;`;

/** The workflow as it was bound, in a form with a version of its own. Nothing is stored there yet. */
export const BOUND_COLUMNS = `
ALTER TABLE definitions ADD COLUMN bound_version INTEGER;
ALTER TABLE definitions ADD COLUMN bound TEXT;`;

/** As in version 1. */
const KEPT_TABLES = `
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
) STRICT, WITHOUT ROWID;`;

/** The bytes of a journal without runs, in WAL mode. */
export function emptyDatabase(): Uint8Array {
  const db = new DatabaseSync(":memory:");
  try {
    // Pages that are free are given back a few at a time; it can be said of an empty database only.
    db.exec("PRAGMA auto_vacuum = INCREMENTAL");
    db.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${SCHEMA_VERSION};`);
    const crc = totalsCrc(NO_TOTALS);
    db.exec(
      `BEGIN; ${CHANGED_TABLES} ${KEPT_TABLES} ${BOUND_COLUMNS} ${IDENTITY_TABLE} INSERT INTO totals VALUES (1, 0, 0, 0, 0, 0, ${crc}); COMMIT;`,
    );
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
