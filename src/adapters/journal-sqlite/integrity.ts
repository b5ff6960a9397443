import type { DatabaseSync } from "node:sqlite";
import { BusbarError } from "../../kernel/errors.ts";
import type { IntegrityFinding } from "../../ports/checks.ts";
import type { Reads } from "./reads.ts";
import { isBusy, toJournalError } from "./sqlite-errors.ts";

/** Something that does not read back as it was written; of a run, where one is known. */
/**
 * Everything that does not read back as it was written: SQLite's own check, every
 * run's row, events, workflow and requests. What the events mean is not looked at.
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
  attempt(undefined, () => {
    const problems = db
      .prepare("PRAGMA quick_check")
      .all()
      .map((row) => String(Object.values(row)[0]));
    if (problems.length === 1 && problems[0] === "ok") return;
    throw new BusbarError("JOURNAL_DAMAGED", `The journal in ${stateDir} is damaged: ${problems.join("; ")}`);
  });
  const list = attempt(undefined, () => reads.runs({}));
  for (const error of list?.damaged ?? []) {
    const runId = error.details?.run_id;
    findings.push({ ...(typeof runId === "string" ? { runId } : {}), error });
  }
  for (const run of list?.runs ?? []) {
    attempt(run.runId, () => reads.events(run.runId, 0));
    attempt(run.runId, () => reads.definition(run.definitionHash));
    attempt(run.runId, () => reads.requests(run.runId, false));
  }
  return findings;
}
