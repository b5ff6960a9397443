import { closeSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { RunEvent } from "../../engine/events.ts";
import { makeFolder } from "../../kernel/make-folder.ts";
import { requireLinked } from "../../kernel/still-linked.ts";
import { formatLogLine, formatNote, type LineOptions, type Note } from "./line.ts";
import { rotateLog } from "./rotate.ts";

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
  readonly nowIso: string;
  /** Called once, with the cause, when the log cannot be written. */
  readonly onTrouble: (cause: unknown) => void;
}

/**
 * Opens `orchestrator.log` for appending. Writes go straight to the operating
 * system, each in one call with O_APPEND: a crash loses no line, and lines of
 * processes that write at the same time do not mix.
 */
export function openLogFile(options: LogFileOptions): LogFile {
  const path = join(options.folder, "orchestrator.log");
  let file: number | undefined;
  const giveUp = (cause: unknown): void => {
    options.onTrouble(cause);
    close();
  };
  const close = (): void => {
    if (file !== undefined) closeSync(file);
    file = undefined;
  };
  try {
    makeFolder(options.folder);
    rotateLog(path, options.nowIso);
    file = openSync(path, "a");
  } catch (cause) {
    giveUp(cause);
  }
  const append = (lines: string): void => {
    if (file === undefined) return;
    try {
      requireLinked(file, path);
      writeSync(file, lines);
    } catch (cause) {
      giveUp(cause);
    }
  };
  return {
    path,
    write: (events) => append(events.map((event) => formatLogLine(event, options)).join("")),
    note: (note) => append(formatNote(note, options)),
    close,
  };
}
