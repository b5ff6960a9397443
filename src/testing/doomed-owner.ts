// A process of its own for tests of ownership: opens the journal of the folder it is given, creates the
// runs that it is sent, says so, and lives on until it is killed.
import { hostname } from "node:os";
import { openSqliteJournal } from "../adapters/journal-sqlite/journal.ts";
import { createSystemClock } from "../adapters/system/clock.ts";
import { createSystemIds } from "../adapters/system/ids.ts";
import type { NewRun } from "../ports/journal.ts";

const stateDir = process.argv[2] ?? "";

process.on("message", async (runs: readonly NewRun[]) => {
  const journal = await openSqliteJournal({
    stateDir,
    clock: createSystemClock(),
    ids: createSystemIds(),
    pid: process.pid,
    host: hostname(),
  });
  for (const run of runs) await journal.create(run);
  process.send?.("created");
});
