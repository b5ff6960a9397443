import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import {
  openSqliteJournal,
  type SqliteJournal,
  type SqliteJournalOptions,
} from "../adapters/journal-sqlite/journal.ts";
import { createSystemClock } from "../adapters/system/clock.ts";
import { createSystemIds } from "../adapters/system/ids.ts";
import type { NewRun } from "../ports/journal.ts";
import type { JournalHarness } from "./journal-suite.ts";

/** A temporary state directory and what is open in it. */
export interface SqliteHarness extends JournalHarness {
  /** Does not exist before the first `open`. */
  readonly stateDir: string;
  open(options?: Partial<SqliteJournalOptions>): Promise<SqliteJournal>;
  /** Another process that owns these runs; killed by `dispose` at the latest. */
  startOwner(runs: readonly NewRun[]): Promise<ChildProcess>;
  damage(runId: string, seq: number): Promise<void>;
  /** The database itself, for what no journal would do. */
  tamper(sql: string): void;
}

export function createSqliteHarness(): SqliteHarness {
  const folder = mkdtempSync(join(tmpdir(), "busbar-journals-"));
  const stateDir = join(folder, ".busbar");
  const journals: SqliteJournal[] = [];
  const children: ChildProcess[] = [];
  const tamper = (sql: string): void => {
    const db = new DatabaseSync(join(stateDir, "journal.db"), { timeout: 5000 });
    db.exec(sql);
    db.close();
  };
  const startOwner = async (runs: readonly NewRun[]): Promise<ChildProcess> => {
    const script = fileURLToPath(new URL("./doomed-owner.ts", import.meta.url));
    const child = fork(script, [stateDir], { execArgv: [] });
    children.push(child);
    child.send(runs);
    const [answer] = await Promise.race([once(child, "message"), once(child, "exit")]);
    if (answer !== "created") throw new Error(`The owner process ended with ${answer}`);
    return child;
  };
  return {
    stateDir,
    async open(options = {}) {
      const journal = await openSqliteJournal({
        stateDir,
        clock: createSystemClock(),
        ids: createSystemIds(),
        pid: process.pid,
        host: hostname(),
        ...options,
      });
      journals.push(journal);
      return journal;
    },
    startOwner,
    async createAndDie(runs) {
      await kill(await startOwner(runs));
    },
    tamper,
    async damage(runId, seq) {
      tamper(
        `UPDATE events SET body = replace(body, 'node', 'mode') WHERE seq = ${seq} AND run = (SELECT n FROM runs WHERE run_id = '${runId}')`,
      );
    },
    async dispose() {
      for (const journal of journals) await journal.close();
      for (const child of children) await kill(child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Ends a process without giving it a chance to tidy up. */
export async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
}
