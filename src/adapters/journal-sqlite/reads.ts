// Everything that reads, for owners and readers alike. Each function is one snapshot of the database.
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { RunEvent } from "../../engine/events.ts";
import type { RunSummary } from "../../engine/summary.ts";
import { BusbarError, type ErrorInfo } from "../../kernel/errors.ts";
import type { AuditLog, AuditPage } from "../../ports/access.ts";
import { encodeCursor } from "../../ports/cursor.ts";
import type { FeedPage } from "../../ports/feed.ts";
import type { RunRecord, StoredRun, StoredRuns } from "../../ports/journal.ts";
import { joinDefinitions, matchesFilter } from "../../ports/journal-rules.ts";
import type { Owner } from "../../ports/owner.ts";
import type { RequestRecord } from "../../ports/requests.ts";
import type { KeyedRun } from "../../ports/run-facts.ts";
import type { RunFilter } from "../../ports/run-filter.ts";
import type { OutcomePage, RunCounts, RunOutcome } from "../../ports/run-outcomes.ts";
import type { Definition } from "../../workflow/model/definition.ts";
import { createAbsenceCheck } from "./absence.ts";
import { readAudit, readTokens, type StoredTokens } from "./access-reads.ts";
import { chain, chainStart } from "./checksum.ts";
import { readFeedPage } from "./feed-reads.ts";
import { createFindKey, keyedRunOf } from "./find-key.ts";
import { countRuns, readOutcomes } from "./outcomes.ts";
import {
  factsOf,
  parseRunRow,
  type Row,
  type RunRow,
  SELECT,
  summaryOf,
  type Totals,
  toDefinition,
  toOwnerRow,
  toRequest,
  toRunRow,
  toTotals,
} from "./rows.ts";
import { type Condition, conditionOf } from "./run-condition.ts";
import { SCHEMA_VERSION } from "./schema.ts";
import { damagedJournal, damagedRun, isBusy, newerJournal, toJournalError } from "./sqlite-errors.ts";
import { createStatements } from "./statements.ts";
import { createUnansweredReads } from "./unanswered.ts";

/** Of a row beside its texts, with what indexes hold of it. */
const EVENT_BYTES = 32;
const RUN_BYTES = 400;

export interface Reads {
  run(runId: string): RunRecord | undefined;
  stored(runId: string, earlier: readonly RunEvent[]): StoredRun | undefined;
  runs(filter: RunFilter): StoredRuns;
  size(runId: string | undefined): number;
  unswept(): readonly string[];
  outcomes(page: OutcomePage): readonly RunOutcome[];
  counts(): RunCounts;
  findIds(beginning: string, limit: number): readonly string[];
  events(runId: string, afterSeq: number, limit?: number): readonly RunEvent[];
  feed(after: string | undefined): FeedPage;
  definition(hash: string): Definition | undefined;
  byKey(key: string): KeyedRun | undefined;
  requests(runId: string, unanswered: boolean): readonly RequestRecord[];
  /** Of the runs of this owner; what is damaged is left out. */
  unanswered(ownerId: string): readonly RequestRecord[];
  tokens(): StoredTokens;
  audit(options: Parameters<AuditLog["read"]>[0]): AuditPage;
  /** The owner as `readRun` gives it. */
  owner(ownerId: string, runId: string): Owner;
  /** Grows when another connection has written, and where that cannot be told: then a reading says why. */
  dataVersion(): number;
}

/** @param isAlive asks the operating system whether an owner lives */
export function createReads(db: DatabaseSync, stateDir: string, isAlive: (ownerId: string) => boolean): Reads {
  const prepare = createStatements(db);
  const findKey = createFindKey(prepare, stateDir);
  let lastVersion = 0;
  let failures = 0;
  /** Of the snapshot. Readers meet the old schema, and an owner may change it while they have the journal open. */
  let schema = SCHEMA_VERSION;
  /** Of the snapshot: it changes when another connection has written. None has 0. */
  let version = 0;
  const lists = new Map<string, StatementSync>();
  /** Owners that were found dead: no id is used twice, so they stay it. */
  const dead = new Set<string>();

  const pragma = (name: string): number => Number(Object.values(prepare(`PRAGMA ${name}`).get() ?? {})[0]);

  /** Of the snapshot, inside of one. */
  const readVersion = (): number => Number(prepare("PRAGMA data_version").get()?.data_version);

  const readSchema = (): number => {
    const found = pragma("user_version");
    if (found > SCHEMA_VERSION) throw newerJournal(stateDir, found, SCHEMA_VERSION);
    return found;
  };

  const readOnce = <T>(read: () => T): { readonly value: T; readonly isFinal: boolean } => {
    const knownDead = dead.size;
    prepare("BEGIN").run();
    const now = readVersion();
    if (now !== version) schema = readSchema();
    version = now;
    const value = read();
    const foundDead = dead.size > knownDead;
    prepare("COMMIT").run();
    return { value, isFinal: !foundDead || readVersion() === version };
  };

  const snapshot = <T>(runId: string | undefined, read: () => T): T => {
    try {
      for (;;) {
        const { value, isFinal } = readOnce(read);
        // An owner that was found dead may have written, even the end of its run, after the snapshot was taken and
        // before it died: then it is read again, with all that the owner ever wrote (J10).
        if (isFinal) return value;
      }
    } catch (thrown) {
      if (db.isTransaction) db.exec("ROLLBACK");
      if (isBusy(thrown)) throw thrown;
      throw toJournalError(thrown, { stateDir, readOnly: true, ...(runId === undefined ? {} : { runId }) });
    }
  };

  const selectRun = (): string => (schema === 1 ? SELECT.oldRun : SELECT.run);
  const readTotals = (): Totals => toTotals(prepare(schema === 1 ? SELECT.oldTotals : SELECT.totals).get(), stateDir);

  const checkCount = (count: unknown): void => {
    const totals = readTotals();
    if (count === totals.runs) return;
    throw damagedJournal(stateDir, `it has ${count} runs, and should have ${totals.runs}`);
  };

  const checkAbsence = createAbsenceCheck({ prepare, stateDir, readTotals });

  const findRun = (runId: string): RunRow | undefined => {
    const row = prepare(`${selectRun()} WHERE run_id = ?`).get(runId);
    if (row !== undefined) return toRunRow(row, runId);
    checkAbsence(runId, version);
    return undefined;
  };

  const readOwner = (ownerId: string, runId: string): Owner => {
    const row = toOwnerRow(prepare(`${SELECT.owner} WHERE id = ?`).get(ownerId), ownerId, runId);
    const alive = !dead.has(ownerId) && isAlive(ownerId);
    if (!alive) dead.add(ownerId);
    return { id: row.id, pid: row.pid, host: row.host, startedAt: row.startedAt, alive };
  };

  const toRecord = (run: RunRow, owner: Owner, summary: RunSummary): RunRecord => ({
    runId: run.runId,
    n: run.n,
    definitionHash: run.definitionHash,
    ...(run.file === null ? {} : { file: run.file }),
    ...factsOf(run.extras),
    summary,
    lastSeq: run.lastSeq,
    epoch: run.epoch,
    owner,
  });

  /** Newest first; with a limit so many and one more, which are read at once, as that takes less than one by one. */
  const selectRuns = ({ where, values }: Condition, limit: number | undefined): Iterable<Row> => {
    // Of a short list, making and comparing the whole text would be a part worth saving.
    const key = `${schema} ${limit ?? ""} ${where}`;
    let statement = lists.get(key);
    if (statement === undefined) {
      // The limit itself: for each value of a `?` SQLite plans anew.
      statement = prepare(`${selectRun()} ${where} ORDER BY n DESC ${limit === undefined ? "" : `LIMIT ${limit + 1}`}`);
      lists.set(key, statement);
    }
    return limit === undefined ? statement.iterate(...values) : statement.all(...values);
  };

  const listRuns = (filter: RunFilter): StoredRuns => {
    const owners = new Map<string, Owner>();
    const runs: RunRecord[] = [];
    const damaged: ErrorInfo[] = [];
    const noteDamage = (check: () => void): void => {
      try {
        check();
      } catch (thrown) {
        if (!(thrown instanceof BusbarError)) throw thrown;
        damaged.push(thrown.toInfo());
      }
    };
    const limit = filter.limit ?? Number.POSITIVE_INFINITY;
    let count = 0;
    let last = Number.POSITIVE_INFINITY;
    let next: string | undefined;
    // Infinity, for one, is no number of rows that SQLite takes.
    const atOnce = Number.isSafeInteger(limit) && limit >= 0 ? limit : undefined;
    const whole = conditionOf(filter, schema);
    let rest: Condition | undefined = whole;
    while (rest !== undefined) {
      let read = 0;
      for (const row of selectRuns(rest, atOnce)) {
        if (next !== undefined) break;
        read += 1;
        // An index that leads to another run's row, or a page that has taken up again what it had let go of: an earlier
        // state of a row is as sound as its last one.
        if (Number(row.n) >= last) {
          return { runs: [], damaged: [damagedJournal(stateDir, "its runs are not in their order").toInfo()] };
        }
        last = Number(row.n);
        const runId = String(row.run_id);
        noteDamage(() => {
          const { run, told } = parseRunRow(row, runId);
          const owner = owners.get(run.ownerId) ?? readOwner(run.ownerId, runId);
          owners.set(run.ownerId, owner);
          const record = toRecord(run, owner, told);
          if (!matchesFilter(record, filter)) return;
          if (runs.length < limit) runs.push(record);
          else next = encodeCursor(run.n + 1);
        });
      }
      count += read;
      const isCutOff = next === undefined && atOnce !== undefined && read > atOnce;
      rest = isCutOff ? conditionOf({ ...filter, before: encodeCursor(last) }, schema) : undefined;
    }
    if (next === undefined && whole.where === "") noteDamage(() => checkCount(count));
    return { runs, damaged, ...(next === undefined ? {} : { next }) };
  };

  const findIds = (beginning: string, limit: number): readonly string[] => {
    if (findRun(beginning) !== undefined) return [beginning];
    const rows = prepare("SELECT run_id FROM runs WHERE run_id > ? AND run_id < ? ORDER BY run_id LIMIT ?");
    return rows.all(beginning, `${beginning}\u{10ffff}`, limit).map((row) => String(row.run_id));
  };

  const readSize = (runId: string | undefined): number => {
    if (runId === undefined) return (pragma("page_count") - pragma("freelist_count")) * pragma("page_size");
    const run = findRun(runId);
    if (run === undefined) return 0;
    const row = prepare("SELECT total(octet_length(body)) AS bytes FROM events WHERE run = ?").get(run.n);
    // Beside the texts: the other columns, and a row in the index.
    return Number(row?.bytes) + run.lastSeq * EVENT_BYTES + run.summary.length + RUN_BYTES;
  };

  /** The checksum that event `seq` left. */
  const crcAfter = (run: RunRow, seq: number): number => {
    if (seq === 0) return chainStart(run.runId);
    if (seq === run.lastSeq) return run.lastCrc;
    const row = prepare("SELECT crc FROM events WHERE run = ? AND seq = ?").get(run.n, seq);
    if (typeof row?.crc !== "number") throw damagedRun(run.runId, seq, "it is missing");
    return row.crc;
  };

  const readEvents = (run: RunRow, afterSeq: number, limit = Number.MAX_SAFE_INTEGER): readonly RunEvent[] => {
    const { runId } = run;
    if (afterSeq > run.lastSeq) return [];
    let seq = afterSeq;
    let crc = crcAfter(run, afterSeq);
    const events: RunEvent[] = [];
    const rows = prepare("SELECT seq, body, crc FROM events WHERE run = ? AND seq > ? ORDER BY seq LIMIT ?");
    for (const row of rows.iterate(run.n, afterSeq, limit)) {
      seq += 1;
      const { body } = row;
      if (row.seq !== seq || typeof body !== "string") throw damagedRun(runId, seq, "it is missing");
      crc = chain(crc, body);
      if (crc !== row.crc) throw damagedRun(runId, seq, "its checksum does not fit");
      events.push(JSON.parse(body));
    }
    // A page of many is sound as far as it goes.
    if (events.length === limit && seq < run.lastSeq) return events;
    if (seq !== run.lastSeq) {
      throw damagedRun(runId, Math.min(seq, run.lastSeq) + 1, `${run.lastSeq} events were written, ${seq} are there`);
    }
    if (crc !== run.lastCrc) throw damagedRun(runId, seq, "its checksum is not the one its run was left with");
    return events;
  };

  /** All events, of which these have been read before, if they are still those of the run. */
  const readEventsBut = (run: RunRow, earlier: readonly RunEvent[]): readonly RunEvent[] => {
    const last = earlier.at(-1);
    if (last === undefined) return readEvents(run, 0);
    const rest = readEvents(run, last.seq - 1);
    return JSON.stringify(rest[0]) === JSON.stringify(last) ? [...earlier, ...rest.slice(1)] : readEvents(run, 0);
  };

  const findDefinition = (hash: string): Definition | undefined => {
    const row = prepare(`${SELECT.definition} WHERE hash = ?`).get(hash);
    return row === undefined ? undefined : toDefinition(row, hash, stateDir);
  };

  const readDefinition = (hash: string): Definition | undefined => {
    const definition = findDefinition(hash);
    if (definition !== undefined) return definition;
    if (prepare("SELECT n FROM runs WHERE definition_hash = ?").get(hash) !== undefined) {
      throw damagedJournal(stateDir, `the workflow ${hash} is missing`);
    }
    return undefined;
  };

  const readKey = (key: string): KeyedRun | undefined => {
    if (schema === 1) return undefined;
    const run = findKey(key);
    return run === undefined ? undefined : keyedRunOf(run);
  };

  const readRequests = (run: RunRow): readonly RequestRecord[] => {
    const { runId } = run;
    const rows = prepare(`${SELECT.request} NOT INDEXED WHERE run = ? ORDER BY id`).all(run.n);
    if (rows.length !== run.requests) {
      throw damagedRun(runId, undefined, `${run.requests} requests were written, ${rows.length} are there`);
    }
    return rows.map((row: Row) => toRequest(row, runId));
  };

  const readUnanswered = createUnansweredReads(prepare);

  /** One snapshot of one run. */
  const ofRun = <T>(runId: string, read: (run: RunRow) => T, ifUnknown: T): T =>
    snapshot(runId, () => {
      const run = findRun(runId);
      return run === undefined ? ifUnknown : read(run);
    });
  /** An earlier state of its row is as sound as the last one, but for the events that came since. */
  const requireLast = (run: RunRow): RunRow => {
    const later = prepare("SELECT seq FROM events WHERE run = ? AND seq > ? LIMIT 1").get(run.n, run.lastSeq);
    if (later !== undefined) throw damagedRun(run.runId, run.lastSeq + 1, "its run does not know of it");
    return run;
  };
  const readRecord = (run: RunRow): RunRecord => toRecord(run, readOwner(run.ownerId, run.runId), summaryOf(run));

  return {
    run: (runId) => ofRun<RunRecord | undefined>(runId, (run) => readRecord(requireLast(run)), undefined),
    stored: (runId, earlier) =>
      ofRun<StoredRun | undefined>(
        runId,
        (run) =>
          joinDefinitions(
            { record: readRecord(run), events: readEventsBut(run, earlier), requests: readRequests(run) },
            findDefinition,
          ),
        undefined,
      ),
    runs: (filter) => snapshot(undefined, () => listRuns(filter)),
    size: (runId) => snapshot(runId, () => readSize(runId)),
    unswept: () =>
      snapshot(undefined, () =>
        prepare("SELECT run_id FROM tombstones WHERE has_logs = 1")
          .all()
          .map((row) => String(row.run_id)),
      ),
    tokens: () => snapshot(undefined, () => readTokens(prepare, stateDir)),
    audit: (options = {}) => snapshot(undefined, () => readAudit(prepare, stateDir, options)),
    counts: () => snapshot(undefined, () => countRuns(prepare, (owner, runId) => readOwner(owner, runId).alive)),
    outcomes: (page) => snapshot(undefined, () => readOutcomes(prepare, page)),
    findIds: (beginning, limit) => snapshot(undefined, () => findIds(beginning, limit)),
    events: (runId, afterSeq, limit) => ofRun(runId, (run) => readEvents(run, afterSeq, limit), []),
    feed: (after) => snapshot(undefined, () => readFeedPage({ prepare, stateDir, readTotals }, after)),
    definition: (hash) => snapshot(undefined, () => readDefinition(hash)),
    byKey: (key) => snapshot(undefined, () => readKey(key)),
    requests(runId, unanswered) {
      const requests = ofRun(runId, readRequests, []);
      return unanswered ? requests.filter((request) => request.answer === undefined) : requests;
    },
    unanswered: (ownerId) => snapshot(undefined, () => readUnanswered(ownerId)),
    owner: readOwner,
    dataVersion() {
      try {
        lastVersion = readVersion();
      } catch {
        failures += 1;
      }
      return lastVersion + failures;
    },
  };
}
