// Bare SQLite: the rows of a journal's events and nothing else, with the journal's own settings.
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

export interface BareRows {
  /** One fsynced transaction. */
  commit(bodies: readonly string[]): void;
  close(): void;
}

export function openBareRows(folder: string): BareRows {
  const db = new DatabaseSync(join(folder, "rows.db"), { timeout: 0 });
  db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
  db.exec(
    "CREATE TABLE IF NOT EXISTS events (run INTEGER NOT NULL, seq INTEGER NOT NULL, body TEXT NOT NULL, crc INTEGER NOT NULL, PRIMARY KEY (run, seq)) STRICT",
  );
  const begin = db.prepare("BEGIN IMMEDIATE");
  const insert = db.prepare("INSERT INTO events VALUES (?, ?, ?, ?)");
  const commit = db.prepare("COMMIT");
  let seq = 0;
  return {
    commit(bodies) {
      begin.run();
      for (const body of bodies) {
        seq += 1;
        insert.run(1, seq, body, seq);
      }
      commit.run();
    },
    close: () => db.close(),
  };
}
