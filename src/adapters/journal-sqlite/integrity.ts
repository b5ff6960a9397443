import type { DatabaseSync } from "node:sqlite";
import type { RunEvent } from "../../engine/events.ts";
import { BusbarError } from "../../kernel/errors.ts";
import type { IntegrityFinding } from "../../ports/checks.ts";
import { checkAccess } from "./access-reads.ts";
import { schemaVersionOf } from "./migrate.ts";
import type { Reads } from "./reads.ts";
import { SELECT, toTombstone } from "./rows.ts";
import { damagedJournal, damagedRun, isBusy, toJournalError } from "./sqlite-errors.ts";
import { createStatements } from "./statements.ts";

/**
 * Everything that does not read back as it was written: SQLite's own check of
 * tables and indexes, every run's row, events, workflows and requests, and what
 * belongs to no run. What the events mean is not looked at.
 */
export function findDamage(db: DatabaseSync, reads: Reads, stateDir: string): readonly IntegrityFinding[] {
  const findings: IntegrityFinding[] = [];
  const attempt = <T>(runId: string | undefined, action: () => T): T | undefined => {
    try {
      return action();
    } catch (thrown) {
      if (isBusy(thrown)) throw thrown;
      const error = toJournalError(thrown, {
        stateDir,
        readOnly: true,
        ...(runId === undefined ? {} : { runId }),
      }).toInfo();
      findings.push({ ...(runId === undefined ? {} : { runId }), error });
      return undefined;
    }
  };
  const version = attempt(undefined, () => schemaVersionOf(db)) ?? 1;
  attempt(undefined, () => checkPages(db, stateDir));
  const list = attempt(undefined, () => reads.runs({}));
  for (const error of list?.damaged ?? []) {
    const runId = error.details?.run_id;
    findings.push({ ...(typeof runId === "string" ? { runId } : {}), error });
  }
  for (const run of list?.runs ?? []) {
    const hashes = attempt(run.runId, () => definitionsOf(reads.events(run.runId, 0)));
    for (const hash of hashes ?? [run.definitionHash])
      attempt(run.runId, () => requireDefinition(reads, run.runId, hash));
    if (version > 1) attempt(run.runId, () => checkEarlier(db, run, hashes ?? []));
    attempt(run.runId, () => reads.requests(run.runId, false));
  }
  if (version > 1) for (const check of [checkTombstones, checkStrays]) attempt(undefined, () => check(db, stateDir));
  attempt(undefined, () => checkAccess(createStatements(db), stateDir));
  return findings;
}

function checkPages(db: DatabaseSync, stateDir: string): void {
  const problems = db
    .prepare("PRAGMA integrity_check")
    .all()
    .map((row) => String(Object.values(row)[0]));
  if (problems.length === 1 && problems[0] === "ok") return;
  throw new BusbarError("JOURNAL_DAMAGED", `The journal in ${stateDir} is damaged: ${problems.join("; ")}`);
}

function definitionsOf(events: readonly RunEvent[]): readonly string[] {
  const hashes = events.flatMap((event) =>
    event.type === "run.created" || event.type === "run.resumed" ? [event.definition_hash] : [],
  );
  return [...new Set(hashes)];
}

function requireDefinition(reads: Reads, runId: string, hash: string): void {
  if (reads.definition(hash) === undefined) throw damagedRun(runId, undefined, `its workflow ${hash} is missing`);
}

/** Without its row here, an earlier workflow of a run goes when another run that has it is pruned. */
function checkEarlier(
  db: DatabaseSync,
  { runId, definitionHash }: { readonly runId: string; readonly definitionHash: string },
  hashes: readonly string[],
): void {
  const find = db.prepare(
    "SELECT 1 FROM earlier_definitions WHERE run = (SELECT n FROM runs WHERE run_id = ?) AND hash = ?",
  );
  const lost = hashes.find((hash) => hash !== definitionHash && find.get(runId, hash) === undefined);
  if (lost !== undefined) throw damagedRun(runId, undefined, `it has lost that it needs the workflow ${lost}`);
}

function checkTombstones(db: DatabaseSync, stateDir: string): void {
  let count = 0;
  for (const row of db.prepare(SELECT.tombstone).iterate()) {
    toTombstone(row, String(row.run_id), stateDir);
    count += 1;
  }
  const expected = db.prepare("SELECT pruned FROM totals").get()?.pruned;
  if (count !== expected) {
    throw damagedJournal(stateDir, `it knows ${count} pruned runs, and should know ${expected}`);
  }
}

/** Rows of runs that are not there. */
function checkStrays(db: DatabaseSync, stateDir: string): void {
  for (const table of ["events", "requests", "earlier_definitions"]) {
    const stray = db.prepare(`SELECT 1 FROM ${table} WHERE run NOT IN (SELECT n FROM runs) LIMIT 1`).get();
    if (stray !== undefined) throw damagedJournal(stateDir, `the run of some of its ${table} is missing`);
  }
}
