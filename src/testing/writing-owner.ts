// A process of its own that writes to a run of its own while another one reads it.
import { hostname } from "node:os";
import { openSqliteJournal } from "../adapters/journal-sqlite/journal.ts";
import { createSystemClock } from "../adapters/system/clock.ts";
import { createSystemIds } from "../adapters/system/ids.ts";
import { runToWrite, writeRun } from "./journal-writer.ts";

const [stateDir = "", runId = ""] = process.argv.slice(2);

const journal = await openSqliteJournal({
  stateDir,
  clock: createSystemClock(),
  ids: createSystemIds(),
  pid: process.pid,
  host: hostname(),
});
await journal.create(runToWrite(runId));
process.send?.("created");
await writeRun(journal, runId);
await journal.close();
process.disconnect?.();
