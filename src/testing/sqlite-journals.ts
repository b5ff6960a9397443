import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import {
  openSqliteJournal,
  type SqliteJournal,
  type SqliteJournalOptions,
} from "../adapters/journal-sqlite/journal.ts";
import { openJournalRequester } from "../adapters/journal-sqlite/requester.ts";
import { createSystemClock } from "../adapters/system/clock.ts";
import { createSystemIds } from "../adapters/system/ids.ts";
import type { Clock } from "../kernel/clock.ts";
import type { JournalRequester, NewRun } from "../ports/journal.ts";
import type { JournalHarness } from "./journal-suite.ts";

/** A temporary state directory and what is open in it. */
export interface SqliteHarness extends JournalHarness {
  /** Does not exist before the first `open`. */
  readonly stateDir: string;
  open(options?: Partial<SqliteJournalOptions>): Promise<SqliteJournal>;
  openRequester(options?: { readonly stateDir?: string; readonly clock?: Clock }): Promise<JournalRequester>;
  /** Another process that owns these runs; killed by `dispose` at the latest. */
  startOwner(runs: readonly NewRun[]): Promise<ChildProcess>;
  damage(runId: string, seq: number): Promise<void>;
  /** The database itself, for what no journal would do. */
  tamper(sql: string): void;
}

export function createSqliteHarness(): SqliteHarness {
  const folder = mkdtempSync(join(tmpdir(), "busbar-journals-"));
  const stateDir = join(folder, ".busbar");
  const journals: (SqliteJournal | JournalRequester)[] = [];
  const children: ChildProcess[] = [];
  const tamper = (sql: string): void => {
    const db = new DatabaseSync(join(stateDir, "journal.db"), { timeout: 5000 });
    db.exec(sql);
    db.close();
  };
  const start = (script: URL, args: readonly string[]): ChildProcess => {
    const child = fork(script, args, { execArgv: [] });
    children.push(child);
    return child;
  };
  const waitUntilCreated = async (child: ChildProcess): Promise<void> => {
    const [answer] = await Promise.race([once(child, "message"), once(child, "exit")]);
    if (answer !== "created") throw new Error(`The owner process ended with ${answer}`);
  };
  const startOwner = async (runs: readonly NewRun[]): Promise<ChildProcess> => {
    const child = start(new URL("./doomed-owner.ts", import.meta.url), [stateDir]);
    child.send(runs);
    await waitUntilCreated(child);
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
    async openRequester(options = {}) {
      const requester = openJournalRequester({ stateDir, clock: createSystemClock(), ...options });
      journals.push(requester);
      return requester;
    },
    startOwner,
    async startWriter(runId) {
      const child = start(new URL("./writing-owner.ts", import.meta.url), [stateDir, runId]);
      await waitUntilCreated(child);
      const ended = once(child, "exit").then(([code]) => {
        if (code !== 0) throw new Error(`The writer ended with ${code}`);
      });
      const isOver = async (): Promise<boolean> => {
        await new Promise((resolve) => setImmediate(resolve));
        return child.exitCode !== null || child.signalCode !== null;
      };
      return { ended, isOver };
    },
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
