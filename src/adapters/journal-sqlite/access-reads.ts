// Who may use a server and who did what, as it is stored. All within the caller's snapshot.
import type { StatementSync } from "node:sqlite";
import type { AuditPage } from "../../ports/access.ts";
import { readAccessHead, SELECT_TOKENS, type StoredToken, toAuditEntry, toStoredToken } from "./access-rows.ts";
import { damagedJournal } from "./sqlite-errors.ts";

type Prepare = (sql: string) => StatementSync;

const DEFAULT_LIMIT = 100;

export interface StoredTokens {
  readonly tokens: readonly StoredToken[];
  /** How many people ever made. */
  readonly made: number;
}

export function readTokens(prepare: Prepare, stateDir: string): StoredTokens {
  const { tokens: count, made } = readAccessHead(prepare, stateDir);
  if (made === 0 && count === 0) return { tokens: [], made };
  const tokens = prepare(SELECT_TOKENS)
    .all()
    .map((row) => toStoredToken(row, stateDir));
  if (tokens.length !== count) {
    throw damagedJournal(stateDir, `it has ${tokens.length} tokens, and should have ${count}`);
  }
  return { tokens, made };
}

export function readAudit(
  prepare: Prepare,
  stateDir: string,
  { before = Number.MAX_SAFE_INTEGER, limit = DEFAULT_LIMIT }: { readonly before?: number; readonly limit?: number },
): AuditPage {
  const { firstAudit, lastAudit } = readAccessHead(prepare, stateDir);
  const newest = Math.min(lastAudit, before - 1);
  const oldest = Math.max(firstAudit, newest - limit + 1);
  if (newest < oldest) return { entries: [] };
  const rows = prepare("SELECT n, body, crc FROM audit WHERE n BETWEEN ? AND ? ORDER BY n DESC").all(oldest, newest);
  const entries = Array.from({ length: newest - oldest + 1 }, (_, i) => toAuditEntry(rows[i], newest - i, stateDir));
  return { entries, ...(oldest > firstAudit ? { next: oldest } : {}) };
}

/** Reads all of it. @throws BusbarError JOURNAL_DAMAGED */
export function checkAccess(prepare: Prepare, stateDir: string): void {
  readTokens(prepare, stateDir);
  const { firstAudit, lastAudit } = readAccessHead(prepare, stateDir);
  for (let before: number | undefined = lastAudit + 1; before !== undefined; ) {
    before = readAudit(prepare, stateDir, { before, limit: 1000 }).next;
  }
  if (lastAudit === 0) return;
  const count = prepare("SELECT count(*) AS count FROM audit").get()?.count;
  const expected = lastAudit - firstAudit + 1;
  if (count !== expected) {
    throw damagedJournal(stateDir, `its audit log has ${count} entries, and should have ${expected}`);
  }
}
