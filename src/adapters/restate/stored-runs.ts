// The runs that a cluster has, as its SQL shows them: the heads that drives keep are the only list there is.
import { isFields } from "../../kernel/arguments.ts";
import { BusbarError, type ErrorInfo } from "../../kernel/errors.ts";
import type { Json } from "../../kernel/json.ts";
import { parseTimestamp, timestampOf } from "../../kernel/timestamp.ts";
import { foldCase } from "../../ports/journal-rules.ts";
import type { RunFilter } from "../../ports/run-filter.ts";
import { type Admin, sqlText } from "./admin.ts";
import type { RunPlace } from "./cursor.ts";
import { HEAD, RUN_OBJECT } from "./names.ts";
import type { StoredHead } from "./wire.ts";

/** A run with its head, or why that does not read back. */
export type FoundHead =
  | { readonly runId: string; readonly head: StoredHead }
  | { readonly runId: string; readonly error: ErrorInfo };

export const RUN_HEADS = `FROM state WHERE service_name = '${RUN_OBJECT}' AND key = '${HEAD}'`;

/** Of a head, as text; NULL where it is no JSON of ours. */
export const summaryText = (...path: readonly string[]): string =>
  `json_get_str(value_utf8, ${["summary", ...path].map(sqlText).join(", ")})`;

const CREATED = summaryText("created_at");
const OPEN = `${summaryText("status")} IN ('pending', 'running')`;

/**
 * Newest first; those that are damaged before all others, and not after a place.
 * @param filter narrows the list, but for what only who reads the heads can tell
 */
export async function selectHeads(
  admin: Admin,
  filter: RunFilter,
  after: RunPlace | undefined,
  limit: number | undefined,
): Promise<readonly FoundHead[]> {
  const narrowed = conditionsOf(filter).map((one) => ` AND (${CREATED} IS NULL OR ${one})`);
  if (after !== undefined) {
    const at = sqlText(timestampOf(after.createdMs));
    narrowed.push(` AND (${CREATED} < ${at} OR (${CREATED} = ${at} AND service_key < ${sqlText(after.runId)}))`);
  }
  const most = limit === undefined ? "" : ` LIMIT ${limit}`;
  const order = `ORDER BY ${CREATED} DESC NULLS FIRST, service_key DESC`;
  const rows = await admin.query(`SELECT service_key, value_utf8 ${RUN_HEADS}${narrowed.join("")} ${order}${most}`);
  return rows.map(readRow);
}

export async function selectHeadsOf(admin: Admin, runIds: readonly string[]): Promise<readonly FoundHead[]> {
  if (runIds.length === 0) return [];
  const rows = await admin.query(`SELECT service_key, value_utf8 ${RUN_HEADS} AND service_key IN (${textsOf(runIds)})`);
  return rows.map(readRow);
}

/** A run to tell of from its beginning. */
export interface OldRun {
  readonly runId: string;
  /** Milliseconds since 1970; NaN where the head says nothing that could be read. */
  readonly createdMs: number;
  /** Why its head does not read back. */
  readonly error?: ErrorInfo;
}

/** Oldest first, without those that say nothing of when they were made. */
export async function selectOldest(admin: Admin, after: RunPlace, limit: number): Promise<readonly OldRun[]> {
  const at = sqlText(timestampOf(after.createdMs));
  const beyond = `(${CREATED} > ${at} OR (${CREATED} = ${at} AND service_key > ${sqlText(after.runId)}))`;
  return toOldRuns(await admin.query(`${OLD_RUNS} AND ${beyond} ORDER BY ${CREATED}, service_key LIMIT ${limit}`));
}

/** Those that say nothing of when they were made. */
export async function selectBroken(admin: Admin): Promise<readonly OldRun[]> {
  return toOldRuns(await admin.query(`${OLD_RUNS} AND ${CREATED} IS NULL ORDER BY service_key`));
}

const OLD_RUNS = `SELECT service_key, value_utf8, ${CREATED} AS created ${RUN_HEADS}`;

function toOldRuns(rows: Awaited<ReturnType<Admin["query"]>>): readonly OldRun[] {
  return rows.map((row) => {
    const { runId, ...found } = readRow(row);
    const createdMs = Date.parse(String(row.created));
    return { runId, createdMs, ...("error" in found ? { error: found.error } : {}) };
  });
}

/** The number of the last event of each run that has not ended, and of these. */
export async function selectPositions(admin: Admin, runIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const these = runIds.length === 0 ? "" : ` OR service_key IN (${textsOf(runIds)})`;
  const rows = await admin.query(
    `SELECT service_key, json_get_int(value_utf8, 'lastSeq') AS seq ${RUN_HEADS} AND (${OPEN}${these})`,
  );
  return new Map(rows.map(({ service_key, seq }) => [String(service_key), Number(seq)]));
}

/** Which of these drives somebody works on, or will. */
export async function selectUnderWay(admin: Admin, invocations: readonly string[]): Promise<ReadonlySet<string>> {
  if (invocations.length === 0) return new Set();
  const rows = await admin.query(
    // Of a damaged head an id may be no id at all: as such Restate refuses it.
    `SELECT id FROM sys_invocation_status WHERE status <> 'completed' AND concat(id, '') IN (${textsOf(invocations)})`,
  );
  return new Set(rows.map(({ id }) => String(id)));
}

const textsOf = (texts: readonly string[]): string => texts.map(sqlText).join(", ");

/** Lets through no less than the filter. */
function conditionsOf(filter: RunFilter): readonly string[] {
  const status = summaryText("status");
  const ended = summaryText("ended_at");
  const parts: string[] = [];
  if (filter.status !== undefined) parts.push(`${status} = ${sqlText(filter.status)}`);
  if (filter.workflow !== undefined) parts.push(`${summaryText("workflow")} = ${sqlText(filter.workflow)}`);
  if (filter.origin !== undefined) parts.push(`json_get_str(value_utf8, 'origin') = ${sqlText(filter.origin)}`);
  if (filter.ended === true) parts.push(`NOT ${OPEN}`);
  if (filter.ended === false || filter.interrupted === true) parts.push(OPEN);
  parts.push(
    ...boundBy(CREATED, ">=", filter.since),
    ...boundBy(CREATED, "<", filter.createdBefore),
    ...boundBy(ended, ">=", filter.endedSince),
    ...boundBy(ended, "<", filter.endedBefore),
  );
  if (filter.text !== undefined) {
    const error = `concat(${summaryText("error", "code")}, ': ', ${summaryText("error", "message")})`;
    const within = [summaryText("workflow"), "service_key", error].map((text) =>
      hasText(text, foldCase(filter.text ?? "")),
    );
    parts.push(`(${within.join(" OR ")})`);
  }
  return parts;
}

/** Timestamps of heads are texts of one form, whose order is that of time. */
function boundBy(column: string, operator: string, at: string | undefined): readonly string[] {
  if (at === undefined) return [];
  const ms = parseTimestamp(at);
  return ms >= 0 ? [`${column} ${operator} ${sqlText(timestampOf(ms))}`] : [];
}

/** As `foldCase` does it, which leaves all letters but these as they are. */
const hasText = (column: string, folded: string): string =>
  `strpos(translate(${column}, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz'), ${sqlText(folded)}) > 0`;

function readRow({ service_key, value_utf8 }: { readonly [column: string]: Json }): FoundHead {
  const runId = String(service_key);
  const head = typeof value_utf8 === "string" ? parseHead(value_utf8) : undefined;
  if (head !== undefined) return { runId, head };
  const error = new BusbarError("JOURNAL_DAMAGED", `Run ${runId} cannot be read: its head is not what was written`, {
    details: { run_id: runId },
  });
  return { runId, error: error.toInfo() };
}

/** As far as a list needs it to be what a drive has written. */
function parseHead(text: string): StoredHead | undefined {
  let head: unknown;
  try {
    head = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isFields(head) || !isFields(head.summary) || !isFields(head.summary.counts)) return undefined;
  const { summary } = head;
  const texts = [head.invocation, head.token, head.drivenSince, head.definitionHash, summary.workflow, summary.status];
  const isWhole = [head.lastSeq, head.epoch, head.pages].every(Number.isSafeInteger);
  if (!isWhole || !texts.every((one) => typeof one === "string")) return undefined;
  return Number.isNaN(parseTimestamp(String(summary.created_at))) ? undefined : (head as unknown as StoredHead);
}
