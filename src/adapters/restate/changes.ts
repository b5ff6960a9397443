// Which runs changed: told by when Restate last wrote anything of their drives, by the clocks of its own nodes.
import { timestampOf } from "../../kernel/timestamp.ts";
import { type Admin, sqlText } from "./admin.ts";
import { DELETED, RUN_OBJECT } from "./names.ts";

const DRIVES = `FROM sys_invocation_status WHERE target_service_name = '${RUN_OBJECT}' AND target_handler_name = 'drive'`;

/** A drive, as it was written last. A run that was resumed has several. */
export interface ChangedDrive {
  readonly invocation: string;
  readonly runId: string;
  /** Milliseconds since 1970. */
  readonly submittedMs: number;
  readonly changedMs: number;
  /** Unlike what it was before whatever was written: several entries may have one time. */
  readonly version: string;
}

/** Those that changed then or later, the earliest first. Restate forgets a drive a day after its end. */
export async function selectChangedDrives(admin: Admin, sinceMs: number): Promise<readonly ChangedDrive[]> {
  const rows = await admin.query(
    `SELECT id, target_service_key, created_at, modified_at, journal_size, status ${DRIVES} AND modified_at >= '${timestampOf(Math.max(0, sinceMs))}' ORDER BY modified_at`,
  );
  return rows.map((row) => ({
    invocation: String(row.id),
    runId: String(row.target_service_key),
    submittedMs: Date.parse(String(row.created_at)),
    changedMs: Date.parse(String(row.modified_at)),
    version: `${row.modified_at} ${row.journal_size} ${row.status}`,
  }));
}

/** When a drive changed last; 0 where none is known. */
export async function selectLastChange(admin: Admin): Promise<number> {
  const [row] = await admin.query(`SELECT max(modified_at) AS last ${DRIVES}`);
  return typeof row?.last === "string" ? Date.parse(row.last) : 0;
}

/** How many runs were deleted. */
export async function countDeleted(admin: Admin): Promise<number> {
  const from = `FROM state WHERE service_name = '${RUN_OBJECT}' AND key = '${DELETED}'`;
  const [row] = await admin.query(`SELECT count(*) AS deleted ${from}`);
  return Number(row?.deleted ?? 0);
}

/** Bytes of what a run has recorded; of all runs if left out. */
export async function selectSize(admin: Admin, runId?: string): Promise<number> {
  const which = runId === undefined ? "" : ` AND service_key = ${sqlText(runId)}`;
  const from = `FROM state WHERE service_name = '${RUN_OBJECT}'${which}`;
  const [row] = await admin.query(`SELECT sum(value_length) AS bytes ${from}`);
  return Number(row?.bytes ?? 0);
}
