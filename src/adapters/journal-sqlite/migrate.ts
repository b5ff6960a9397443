// From schema version 1 (Busbar 0.1) to 2: in one transaction, so that whoever comes finds the one or the other.
import type { DatabaseSync } from "node:sqlite";
import { BusbarError } from "../../kernel/errors.ts";
import { isLocked, listOwnerIds, ownerLockPath } from "./owner-lock.ts";
import { indexOf, NO_TOTALS, type RunIndex, SELECT, toTotals, totalsCrc } from "./rows.ts";
import { BOUND_COLUMNS, CHANGED_TABLES, SCHEMA_VERSION } from "./schema.ts";
import { damagedJournal } from "./sqlite-errors.ts";

/** Of a row whose summary cannot be read: its checksum tells whoever reads it. */
const NOTHING = { status: "", workflow: "", created: 0, ended: null };

/** Which schema the database has, as the present transaction sees it. */
export function schemaVersionOf(db: DatabaseSync): number {
  return Number(db.prepare("PRAGMA user_version").get()?.user_version);
}

/**
 * Brings the database to this version's schema, for an owner that is about to open it and has no lock yet. Rows are
 * taken as they are, checksums too: what was damaged is still refused afterwards.
 *
 * An owner of version 1 that has looked at the version and takes its lock only after this has looked for locks is
 * refused its first append by the new tables: they have other columns than it fills in.
 *
 * @throws BusbarError JOURNAL_BUSY while another owner lives; JOURNAL_DAMAGED; errors of SQLite, also busy ones
 */
export function migrate(db: DatabaseSync, stateDir: string): void {
  if (schemaVersionOf(db) >= SCHEMA_VERSION) return;
  db.exec("BEGIN IMMEDIATE");
  try {
    // Another process may have done it meanwhile.
    if (schemaVersionOf(db) < SCHEMA_VERSION) {
      refuseBesideOwners(db, stateDir);
      moveTables(db, stateDir);
    }
    db.exec("COMMIT");
  } catch (thrown) {
    if (db.isTransaction) db.exec("ROLLBACK");
    throw thrown;
  }
  giveBackPages(db);
}

/**
 * Has free pages given back from now on, as a new journal has from its making. It writes the whole database anew; where
 * it cannot, because somebody reads or the disk is too small, the space that is freed is kept for later runs.
 */
function giveBackPages(db: DatabaseSync): void {
  try {
    db.exec("PRAGMA auto_vacuum = INCREMENTAL; VACUUM");
  } catch {
    // Nothing of it is left, and nothing depends on it.
  }
}

function refuseBesideOwners(db: DatabaseSync, stateDir: string): void {
  const alive = listOwnerIds(stateDir).find((id) => isLocked(ownerLockPath(stateDir, id)));
  if (alive === undefined) return;
  // The row goes in with the first run.
  const row = db.prepare(`${SELECT.owner} WHERE id = ?`).get(alive);
  const who = row === undefined ? "Another process" : `Process ${row.pid} on ${row.host}`;
  throw new BusbarError(
    "JOURNAL_BUSY",
    `${who} works with the journal in ${stateDir} in an older format, which this version of Busbar has to change first. Until that process has ended, runs can be looked at, and its own can be paused and cancelled`,
    row === undefined ? {} : { details: { pid: row.pid as number, host: row.host as string } },
  );
}

function moveTables(db: DatabaseSync, stateDir: string): void {
  for (const table of ["totals", "runs", "events", "requests"]) db.exec(`ALTER TABLE ${table} RENAME TO old_${table}`);
  db.exec(CHANGED_TABLES);
  db.exec(BOUND_COLUMNS);
  moveTotals(db, stateDir);
  moveRuns(db);
  // In the order of their commits.
  db.exec("INSERT INTO events (run, seq, body, crc) SELECT run, seq, body, crc FROM old_events ORDER BY rowid");
  db.exec(`INSERT INTO requests SELECT id, run, key, kind, "by", at, reason, answer, crc FROM old_requests`);
  // Of bodies that are no JSON nothing is known; their runs are refused.
  db.exec(`INSERT OR IGNORE INTO earlier_definitions
    SELECT run, body ->> 'definition_hash' AS hash FROM events JOIN runs ON n = run
    WHERE json_valid(body) AND body ->> 'type' IN ('run.created', 'run.resumed')
      AND typeof(body ->> 'definition_hash') = 'text' AND body ->> 'definition_hash' <> definition_hash`);
  for (const table of ["totals", "runs", "events", "requests"]) db.exec(`DROP TABLE old_${table}`);
  db.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
}

function moveTotals(db: DatabaseSync, stateDir: string): void {
  const row = db.prepare(SELECT.oldTotals.replace("totals", "old_totals")).get();
  const last = db.prepare("SELECT coalesce(max(n), 0) AS n FROM old_runs").get();
  if (row === undefined) throw damagedJournal(stateDir, "its totals are missing");
  const totals = { ...NO_TOTALS, runs: Number(row.runs), lastRun: Math.max(Number(last?.n), Number(row.runs)) };
  const crc = totalsCrc(totals);
  db.prepare("INSERT INTO totals VALUES (1, ?, ?, ?, ?, ?, ?)").run(
    totals.runs,
    totals.lastRun,
    totals.lastPos,
    totals.lastRequest,
    totals.pruned,
    isSound(() => toTotals(row, stateDir)) ? crc : crc ^ 1,
  );
}

function moveRuns(db: DatabaseSync): void {
  const insert = db.prepare(`INSERT INTO runs
    SELECT n, run_id, definition_hash, file, owner_id, epoch, last_seq, last_crc, requests, summary,
      NULL, NULL, NULL, NULL, ?, ?, ?, ?, crc FROM old_runs WHERE n = ?`);
  for (const { n, summary } of db.prepare("SELECT n, summary FROM old_runs ORDER BY n").iterate()) {
    const { status, workflow, created, ended } = readIndex(String(summary));
    insert.run(status, workflow, created, ended, n as number);
  }
}

function readIndex(summary: string): RunIndex | typeof NOTHING {
  try {
    const index = indexOf(JSON.parse(summary));
    return typeof index.status === "string" && typeof index.workflow === "string" ? index : NOTHING;
  } catch {
    return NOTHING;
  }
}

function isSound(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch {
    return false;
  }
}
