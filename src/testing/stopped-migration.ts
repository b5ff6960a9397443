// A process of its own that stops for ever in the middle of a migration, for a test to kill it there.
// Arguments: the state directory, and before which statement to stop.
import { writeSync } from "node:fs";
import { openForWriting } from "../adapters/journal-sqlite/connection.ts";
import { migrate } from "../adapters/journal-sqlite/migrate.ts";
import { databasePath } from "../adapters/journal-sqlite/state-dir.ts";

const [stateDir = "", stopAt = ""] = process.argv.slice(2);

const db = openForWriting(databasePath(stateDir), stateDir, "FULL");
// So little that pages go to the WAL before the commit.
db.exec("PRAGMA cache_size = 2");
const exec = db.exec.bind(db);
let statements = 0;
db.exec = (sql: string) => {
  statements += 1;
  if (statements === Number(stopAt)) {
    writeSync(1, "stopped");
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  }
  exec(sql);
};
migrate(db, stateDir);
writeSync(1, `done after ${statements}`);
