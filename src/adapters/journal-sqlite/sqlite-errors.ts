import { describeFailure } from "../../kernel/describe-failure.ts";
import { BusbarError } from "../../kernel/errors.ts";
import { cleanText } from "../../kernel/text.ts";
import { findStateObstacle } from "./obstacle.ts";

/** What `node:sqlite` throws: https://www.sqlite.org/rescode.html, the primary code in the low byte. */
interface SqliteError extends Error {
  readonly errcode: number;
}

const BUSY = 5;
const LOCKED = 6;
const READONLY = 8;
const IOERR = 10;
const CORRUPT = 11;
const FULL = 13;
const CANTOPEN = 14;
const PROTOCOL = 15;
const PERM = 3;
const AUTH = 23;
const NOTADB = 26;
/** SQLITE_IOERR_SHORT_READ: the file ends before it should. */
const SHORT_READ = 522;
/** SQLITE_IOERR_SHMSIZE: no room for the -shm file. */
const SHMSIZE = 4874;
/** Wrong SQL, a constraint, a mismatch, a row that is too big: our statements are right, so the stored schema or an index is not. */
const IMPOSSIBLE: ReadonlySet<number> = new Set([1, 12, 17, 18, 19, 20, 25]);

function primaryCode(thrown: unknown): number | undefined {
  if (!(thrown instanceof Error) || !("errcode" in thrown)) return undefined;
  const { errcode } = thrown as SqliteError;
  if (errcode === SHORT_READ) return CORRUPT;
  return errcode === SHMSIZE ? FULL : errcode & 0xff;
}

/** Another process holds a lock just now; trying again can help. */
export function isBusy(thrown: unknown): boolean {
  const code = primaryCode(thrown);
  return code === BUSY || code === LOCKED || code === PROTOCOL;
}

/** Says that a lock of our own is taken, as SQLite would. */
export function lockedError(path: string): Error {
  return Object.assign(new Error(`${path} is locked`), { errcode: BUSY });
}

/** The files cannot be opened as they lie there: a directory that cannot be written. */
export function isUnwritable(thrown: unknown): boolean {
  const code = primaryCode(thrown);
  return code === CANTOPEN || code === READONLY;
}

/** Where something went wrong, for the message. */
export interface Place {
  readonly stateDir: string;
  readonly runId?: string;
  /** Nothing is to be written there. */
  readonly readOnly?: true;
}

/** Anything thrown by SQLite or the file system, in Busbar's words. */
export function toJournalError(thrown: unknown, place: Place): BusbarError {
  if (thrown instanceof BusbarError) return thrown;
  const cause = describeFailure(thrown);
  const fail = (code: BusbarError["code"], text: string): BusbarError =>
    new BusbarError(code, `${text}: ${cause}`, { cause: thrown });
  const code = primaryCode(thrown);
  switch (code) {
    case undefined:
      break;
    case FULL:
      return fail("JOURNAL_FULL", `The disk of ${place.stateDir} is full`);
    case READONLY:
    case CANTOPEN:
    case PERM:
    case AUTH:
      return refused(place, thrown);
    case CORRUPT:
    case NOTADB:
      return damaged(place, cause, thrown);
    case IOERR:
      // Of a disk that fails, or of a journal.db that is no file.
      if (findStateObstacle(place.stateDir, place.readOnly ? "read" : "write") !== undefined)
        return refused(place, thrown);
      return fail("JOURNAL_FAILED", `The journal in ${place.stateDir} cannot be used`);
    default:
      if (IMPOSSIBLE.has(code)) return damaged(place, cause, thrown);
      return fail("JOURNAL_FAILED", `The journal in ${place.stateDir} cannot be used`);
  }
  const errno = thrown instanceof Error && "code" in thrown ? String(thrown.code) : "";
  switch (errno) {
    // An integer that no JavaScript number holds was never written.
    case "ERR_OUT_OF_RANGE":
      return damaged(place, cause, thrown);
    case "ENOSPC":
    case "EDQUOT":
      return fail("JOURNAL_FULL", `The disk of ${place.stateDir} is full`);
    case "EACCES":
    case "EPERM":
    case "EROFS":
    case "ENOTDIR":
    case "EEXIST":
    case "ENOENT":
    case "ELOOP":
    case "ENAMETOOLONG":
      return refused(place, thrown);
    default:
      return fail("JOURNAL_FAILED", `The journal in ${place.stateDir} cannot be used`);
  }
}

/** Whatever keeps this process out: rights, most of the time. Whose they are says what to do. */
function refused({ stateDir, readOnly }: Place, cause: unknown): BusbarError {
  const [code, verb, access] = readOnly
    ? (["JOURNAL_UNREADABLE", "read", "read"] as const)
    : (["JOURNAL_UNWRITABLE", "written", "write"] as const);
  const why = findStateObstacle(stateDir, access) ?? describeFailure(cause);
  return new BusbarError(code, `The state directory ${stateDir} cannot be ${verb}: ${why}`, { cause });
}

/** @param seq the event that does not read back as it was written, where one can be named */
export function damagedRun(runId: string, seq: number | undefined, why: string): BusbarError {
  return new BusbarError(
    "JOURNAL_DAMAGED",
    `Run ${cleanText(runId)} is damaged${seq === undefined ? "" : ` at event ${seq}`}: ${why}`,
    {
      details: { run_id: runId, ...(seq === undefined ? {} : { seq }) },
    },
  );
}

/** @param version of the journal; this Busbar knows those up to `known` */
export function newerJournal(stateDir: string, version: number, known: number): BusbarError {
  return new BusbarError(
    "JOURNAL_NEWER",
    `The journal in ${stateDir} has format ${version}; this version of Busbar knows formats up to ${known}`,
  );
}

export function damagedJournal(stateDir: string, why: string): BusbarError {
  return damaged({ stateDir }, why, undefined);
}

function damaged(place: Place, why: string, cause: unknown): BusbarError {
  const { runId } = place;
  const what = runId === undefined ? `The journal in ${place.stateDir} is damaged` : `Run ${runId} cannot be read`;
  return new BusbarError("JOURNAL_DAMAGED", `${what}: ${why}`, {
    ...(runId === undefined ? {} : { details: { run_id: runId } }),
    cause,
  });
}
