// How tokens and the audit log are written, within the caller's transaction. Each reads first what may be damaged.
import type { StatementSync } from "node:sqlite";
import type { NewAuditEntry } from "../../ports/access.ts";
import {
  ACCESS_TABLES,
  type AccessHead,
  accessCrc,
  auditCrc,
  hasAccessTables,
  NO_ACCESS,
  readAccessHead,
  type StoredToken,
  tokenCrc,
  tokenValues,
  toStoredToken,
} from "./access-rows.ts";

type Prepare = (sql: string) => StatementSync;

/** Entries of the audit log that are kept: some 300 MB. */
const MAX_AUDIT = 1_000_000;

export interface AccessWrites {
  addToken(token: StoredToken, audit?: NewAuditEntry): void;
  /** @returns false where no token has this id */
  revokeToken(id: string, audit?: NewAuditEntry): boolean;
  /** Does nothing where the token is gone. @param at RFC 3339 */
  noteTokenUse(id: string, at: string): void;
  addAudit(entry: NewAuditEntry): void;
}

/** @param exec runs statements that make tables */
export function createAccessWrites(
  prepare: Prepare,
  exec: (sql: string) => void,
  stateDir: string,
  maxAudit: number = MAX_AUDIT,
): AccessWrites {
  const require = (): AccessHead => {
    if (hasAccessTables(prepare)) return readAccessHead(prepare, stateDir);
    exec(ACCESS_TABLES);
    const { tokens, made, firstAudit, lastAudit } = NO_ACCESS;
    prepare("INSERT INTO access VALUES (1, ?, ?, ?, ?, ?)").run(
      ...[tokens, made, firstAudit, lastAudit, accessCrc(NO_ACCESS)],
    );
    return NO_ACCESS;
  };

  const update = (head: AccessHead): void => {
    const { tokens, made, firstAudit, lastAudit } = head;
    prepare("UPDATE access SET tokens = ?, made = ?, first_audit = ?, last_audit = ?, crc = ?").run(
      ...[tokens, made, firstAudit, lastAudit, accessCrc(head)],
    );
  };

  const findToken = (id: string): StoredToken | undefined => {
    const row = prepare(
      "SELECT id, hash, role, name, own, created_at, expires_at, last_used_at, crc FROM tokens WHERE id = ?",
    ).get(id);
    return row === undefined ? undefined : toStoredToken(row, stateDir);
  };

  /** @returns the head with the entry */
  const insertAudit = (head: AccessHead, entry: NewAuditEntry | undefined): AccessHead => {
    if (entry === undefined) return head;
    const n = head.lastAudit + 1;
    const body = JSON.stringify(entry);
    prepare("INSERT INTO audit VALUES (?, ?, ?)").run(n, body, auditCrc(n, body));
    const firstAudit = Math.max(head.firstAudit, n - maxAudit + 1);
    if (firstAudit > head.firstAudit) prepare("DELETE FROM audit WHERE n < ?").run(firstAudit);
    return { ...head, firstAudit, lastAudit: n };
  };

  return {
    addToken(token, audit) {
      const head = require();
      prepare("INSERT INTO tokens VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)").run(...tokenValues(token), tokenCrc(token));
      const made = head.made + (token.record.own ? 0 : 1);
      update({ ...insertAudit(head, audit && { ...audit, token_id: token.record.id }), tokens: head.tokens + 1, made });
    },

    revokeToken(id, audit) {
      if (!hasAccessTables(prepare)) return false;
      const head = readAccessHead(prepare, stateDir);
      // Also one that is damaged: whoever has it shall not come in.
      if (prepare("DELETE FROM tokens WHERE id = ?").run(id).changes === 0) return false;
      update({ ...insertAudit(head, audit && { ...audit, token_id: id }), tokens: head.tokens - 1 });
      return true;
    },

    noteTokenUse(id, at) {
      if (!hasAccessTables(prepare)) return;
      const token = findToken(id);
      if (token === undefined) return;
      const used: StoredToken = { ...token, record: { ...token.record, last_used_at: at } };
      prepare("UPDATE tokens SET last_used_at = ?, crc = ? WHERE id = ?").run(at, tokenCrc(used), id);
    },

    addAudit(entry) {
      update(insertAudit(require(), entry));
    },
  };
}
