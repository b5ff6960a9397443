import { closeSync, fstatSync, statSync } from "node:fs";
import { join } from "node:path";
import type { RunEvent } from "../../engine/events.ts";
import { makeFolder } from "../../kernel/make-folder.ts";
import { requireLinked } from "../../kernel/still-linked.ts";
import { endsWithinLine, openToAppend, writeLines } from "./append.ts";
import { formatLogLine, formatNote, type LineOptions, type Note } from "./line.ts";
import { MAX_LOG_BYTES, rotateLog } from "./rotate.ts";

/** Writes what happens as JSON lines (contracts.md §5). */
export interface LogFile {
  readonly path: string;
  /** One append write for all of them. Never throws: a log that cannot be written must not stop a run. */
  write(events: readonly RunEvent[]): void;
  /** As `write`, of what happened to this process rather than to a run. */
  note(note: Note): void;
  close(): void;
}

export interface LogFileOptions extends LineOptions {
  /** Made if it is not there. */
  readonly folder: string;
  /** RFC 3339 with milliseconds; names the file that a rotation puts aside. */
  readonly nowIso: () => string;
  /** Called once, with the cause, when the log cannot be written; it is tried again at each write. */
  readonly onTrouble: (cause: unknown) => void;
}

/** Where a full log cannot be put aside, that is tried again when so much more has been written. */
const TRY_AGAIN_BYTES = 1024 * 1024;

/**
 * Opens `orchestrator.log` for appending. Writes go straight to the operating
 * system, each in one call with O_APPEND: a crash loses no line, and lines of
 * processes that write at the same time do not mix. Whichever of them finds the
 * log full puts it aside; the others go on in the new one, as they do where a
 * person or logrotate has taken it away.
 */
export function openLogFile(options: LogFileOptions): LogFile {
  const path = join(options.folder, "orchestrator.log");
  let file: number | undefined;
  let isClosed = false;
  let fullAt = MAX_LOG_BYTES;
  let lost = 0;
  /** The last line is half: the disk was full, or the machine failed. */
  let isCut = false;
  let isTroubleTold = false;
  const tell = (cause: unknown): void => {
    if (!isTroubleTold) options.onTrouble(cause);
    isTroubleTold = true;
  };
  const open = (): number => {
    makeFolder(options.folder);
    rotateLog(path, options.nowIso());
    const opened = openToAppend(path);
    isCut = endsWithinLine(path) ?? false;
    return opened;
  };
  try {
    file = open();
  } catch (cause) {
    tell(cause);
  }
  const goOnInNew = (old: number): number => {
    try {
      const next = openToAppend(path);
      isCut = endsWithinLine(path) ?? false;
      closeSync(old);
      return next;
    } catch {
      // Without room or handles for a new file, the old one is as good, unless nobody will find it.
      requireLinked(old, path);
      return old;
    }
  };
  /** The file to write to now. */
  const current = (opened: number): number => {
    const named = lookAt(path);
    if (named === "hidden") return opened;
    const { ino, dev, size } = fstatSync(opened);
    if (named?.ino !== ino || named.dev !== dev) return goOnInNew(opened);
    if (size <= MAX_LOG_BYTES) fullAt = MAX_LOG_BYTES;
    if (size <= fullAt) return opened;
    const isAside = rotateLog(path, options.nowIso());
    fullAt = isAside ? MAX_LOG_BYTES : size + TRY_AGAIN_BYTES;
    return isAside ? goOnInNew(opened) : opened;
  };
  const append = (lines: readonly string[]): void => {
    if (isClosed) return;
    try {
      file = file === undefined ? open() : current(file);
    } catch (cause) {
      lost += lines.length;
      tell(cause);
      return;
    }
    // Whoever shares the log may have ended the half line meanwhile, or left one.
    if (lost > 0) isCut = endsWithinLine(path) ?? isCut;
    const first = lost === 0 ? [] : [formatNote(noteOfLost(lost, options.nowIso()), options)];
    const written = writeLines(file, [...first, ...lines], isCut);
    isCut = written.isCut;
    if (written.lines >= first.length) lost = 0;
    lost += lines.length - Math.max(0, written.lines - first.length);
    if (written.cause !== undefined) tell(written.cause);
  };
  return {
    path,
    write: (events) => append(events.map((event) => formatLogLine(event, options))),
    note: (note) => append([formatNote(note, options)]),
    close() {
      if (file !== undefined) closeSync(file);
      file = undefined;
      isClosed = true;
    },
  };
}

/** What lies at the path; "hidden" where permissions for the folder were taken away: the log is still there. */
function lookAt(path: string): { readonly ino: number; readonly dev: number } | "hidden" | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return "hidden";
  }
}

function noteOfLost(lines: number, timestamp: string): Note {
  return { timestamp, level: "WARNING", message: `${lines} lines could not be written and are missing here` };
}
