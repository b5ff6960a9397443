import { closeSync, fstatSync, openSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { RunEvent } from "../../engine/events.ts";
import { makeFolder } from "../../kernel/make-folder.ts";
import { requireLinked } from "../../kernel/still-linked.ts";
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
  let fullAt = MAX_LOG_BYTES;
  let lost = 0;
  let isTroubleTold = false;
  const tell = (cause: unknown): void => {
    if (!isTroubleTold) options.onTrouble(cause);
    isTroubleTold = true;
  };
  try {
    makeFolder(options.folder);
    rotateLog(path, options.nowIso());
    file = openSync(path, "a");
  } catch (cause) {
    tell(cause);
  }
  const goOnInNew = (old: number): number => {
    try {
      const next = openSync(path, "a");
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
    const named = statSync(path, { throwIfNoEntry: false });
    const { ino, dev, size } = fstatSync(opened);
    if (named?.ino !== ino || named.dev !== dev) return goOnInNew(opened);
    if (size <= fullAt) return opened;
    const isAside = rotateLog(path, options.nowIso());
    fullAt = isAside ? MAX_LOG_BYTES : size + TRY_AGAIN_BYTES;
    return isAside ? goOnInNew(opened) : opened;
  };
  const append = (lines: readonly string[]): void => {
    if (file === undefined) return;
    try {
      file = current(file);
      const told = lost === 0 ? "" : formatNote(noteOfLost(lost, options.nowIso()), options);
      writeWhole(file, told + lines.join(""));
      lost = 0;
    } catch (cause) {
      lost += lines.length;
      tell(cause);
    }
  };
  return {
    path,
    write: (events) => append(events.map((event) => formatLogLine(event, options))),
    note: (note) => append([formatNote(note, options)]),
    close() {
      if (file !== undefined) closeSync(file);
      file = undefined;
    },
  };
}

/** On a disk that fills up the last write may take a part. */
function writeWhole(file: number, text: string): void {
  const bytes = Buffer.from(text);
  let written = 0;
  while (written < bytes.length) written += writeSync(file, bytes, written);
}

function noteOfLost(lines: number, timestamp: string): Note {
  return { timestamp, level: "WARNING", message: `${lines} lines could not be written and are missing here` };
}
