// Rows of the tables that say who may use a server and who did what; each is checked against its checksum here.
import type { StatementSync } from "node:sqlite";
import type { AuditEntry, NewAuditEntry, Role, TokenRecord } from "../../ports/access.ts";
import { rowCrc, rowCrcWithText } from "./checksum.ts";
import type { Row } from "./rows.ts";
import { damagedJournal } from "./sqlite-errors.ts";

type Prepare = (sql: string) => StatementSync;

/**
 * Made when something of it is stored first: most journals serve no server, and an earlier version of schema 2 has none.
 *
 * - access: how many tokens there are, how many were ever made by people, and which entries of the audit log: no row
 *   goes missing unseen.
 * - tokens: `hash` is the SHA-256 of the token, in hex.
 * - audit: `body` is the entry as JSON, without its number.
 */
export const ACCESS_TABLES = `
CREATE TABLE access (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  tokens INTEGER NOT NULL,
  made INTEGER NOT NULL,
  first_audit INTEGER NOT NULL,
  last_audit INTEGER NOT NULL,
  crc INTEGER NOT NULL
) STRICT;
CREATE TABLE tokens (
  id TEXT NOT NULL PRIMARY KEY,
  hash TEXT NOT NULL,
  role TEXT NOT NULL,
  name TEXT,
  own INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  expires_at TEXT,
  last_used_at TEXT,
  crc INTEGER NOT NULL
) STRICT;
CREATE TABLE audit (
  n INTEGER PRIMARY KEY,
  body TEXT NOT NULL,
  crc INTEGER NOT NULL
) STRICT;`;

/** Two signs, so that a name that has changed is noticed: what is asked of the tables then fails. */
export function hasAccessTables(prepare: Prepare): boolean {
  const find = "SELECT 1 FROM sqlite_schema WHERE name = 'access' OR sql LIKE '%first_audit%'";
  return prepare(find).get() !== undefined;
}

/** What is there. */
export interface AccessHead {
  /** How many tokens there are. */
  readonly tokens: number;
  /** How many people ever made. */
  readonly made: number;
  /** Of the oldest entry that is still there. */
  readonly firstAudit: number;
  /** Of the newest; one less than `firstAudit` where there is none. */
  readonly lastAudit: number;
}

export const NO_ACCESS: AccessHead = { tokens: 0, made: 0, firstAudit: 1, lastAudit: 0 };

export function accessCrc({ tokens, made, firstAudit, lastAudit }: AccessHead): number {
  return rowCrc([tokens, made, firstAudit, lastAudit]);
}

/** @returns NO_ACCESS where nothing was ever stored */
export function readAccessHead(prepare: Prepare, stateDir: string): AccessHead {
  if (!hasAccessTables(prepare)) return NO_ACCESS;
  const row = prepare("SELECT tokens, made, first_audit, last_audit, crc FROM access").get();
  if (row === undefined || rowCrc([row.tokens, row.made, row.first_audit, row.last_audit]) !== row.crc) {
    throw damagedJournal(stateDir, "what it says of its tokens and audit log has changed");
  }
  return {
    tokens: row.tokens as number,
    made: row.made as number,
    firstAudit: row.first_audit as number,
    lastAudit: row.last_audit as number,
  };
}

/** A token as it is stored. */
export interface StoredToken {
  readonly record: TokenRecord;
  /** SHA-256, hex. */
  readonly hash: string;
}

export const SELECT_TOKENS =
  "SELECT id, hash, role, name, own, created_at, expires_at, last_used_at, crc FROM tokens ORDER BY rowid";

/** The values of a token's row in the order of its columns. */
export function tokenValues({ record, hash }: StoredToken): readonly (string | number | null)[] {
  const { id, role, name = null, own = false, created_at, expires_at = null, last_used_at = null } = record;
  return [id, hash, role, name, own ? 1 : 0, created_at, expires_at, last_used_at];
}

export function tokenCrc(token: StoredToken): number {
  return rowCrc(tokenValues(token));
}

export function toStoredToken(row: Row, stateDir: string): StoredToken {
  const { id, hash, role, name, own, created_at, expires_at, last_used_at, crc } = row;
  if (rowCrc([id, hash, role, name, own, created_at, expires_at, last_used_at]) !== crc) {
    throw damagedJournal(stateDir, "one of its tokens has changed");
  }
  const record: TokenRecord = {
    id: id as string,
    role: role as Role,
    ...(name === null ? {} : { name: name as string }),
    ...(own === 1 ? { own: true } : {}),
    created_at: created_at as string,
    ...(expires_at === null ? {} : { expires_at: expires_at as string }),
    ...(last_used_at === null ? {} : { last_used_at: last_used_at as string }),
  };
  return { record, hash: hash as string };
}

export function auditCrc(n: number, body: string): number {
  return rowCrcWithText([n], body);
}

/** @param n that the entry is to have */
export function toAuditEntry(row: Row | undefined, n: number, stateDir: string): AuditEntry {
  const body = row?.body;
  if (typeof body !== "string" || row?.n !== n || auditCrc(n, body) !== row.crc) {
    throw damagedJournal(stateDir, `entry ${n} of its audit log is missing or has changed`);
  }
  const entry: NewAuditEntry = JSON.parse(body);
  return { n, ...entry };
}
