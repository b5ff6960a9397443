import { join } from "node:path";
import { findObstacle } from "../../kernel/access.ts";
import {
  type Check,
  type FieldChecks,
  optional,
  requireClock,
  requireFields,
  requireFunction,
  requireMethods,
  requireWhole,
  requireWord,
} from "../../kernel/arguments.ts";
import type { Clock } from "../../kernel/clock.ts";
import { describeFailure } from "../../kernel/describe-failure.ts";
import { BusbarError } from "../../kernel/errors.ts";
import { nameOnDisk } from "../../kernel/name-on-disk.ts";
import type { Secrets } from "../../kernel/secrets.ts";
import type { RunLogs } from "../../ports/run-logs.ts";
import { createAttemptLog } from "./attempt-log.ts";
import { createEncoder } from "./encoder.ts";
import { LIMITS, type LogLimits } from "./limits.ts";
import { readRun } from "./read-run.ts";

/** Where the lines of attempts are kept, and how many. */
export interface RunLogsOptions {
  /** Made when something is written. */
  readonly folder: string;
  readonly clock: Clock;
  readonly secrets: Pick<Secrets, "maskPieces">;
  /** Called once, with the cause, when what an attempt writes cannot be kept. */
  readonly onTrouble: (cause: unknown) => void;
  readonly limits?: LogLimits;
}

const positive: Check = (name, value) => requireWhole(name, value, 1);
const LIMIT_FIELDS: FieldChecks<LogLimits> = { attemptBytes: positive, lineChars: positive };

const OPTIONS: FieldChecks<RunLogsOptions> = {
  folder: (name, value) => requireWord(name, value, "the path of a directory"),
  clock: requireClock,
  secrets: (name, value) => requireMethods(name, value, ["maskPieces"]),
  onTrouble: requireFunction,
  limits: optional((name, value) => requireFields(name, value, LIMIT_FIELDS, "an object {attemptBytes, lineChars}")),
};

/**
 * Keeps what attempts write in files, `<folder>/<run>/<node>/<attempt>/*.log`, one record a line (records.ts).
 * They are read as they stand, also while another process writes them, and from a read-only directory; `read`
 * rejects with BusbarError JOURNAL_UNREADABLE or JOURNAL_FAILED where the file system does not let it.
 *
 * @throws BusbarError USAGE
 */
export function createRunLogs(options: RunLogsOptions): RunLogs {
  requireFields("options", options, OPTIONS, "an object {folder, clock, secrets, onTrouble}");
  const { folder, clock, secrets, onTrouble, limits = LIMITS } = options;
  const encoder = createEncoder();
  let troubled = false;
  const runFolder = (runId: string): string => join(folder, nameOnDisk(runId));
  return {
    open: (runId, key) =>
      createAttemptLog({
        folder: join(runFolder(runId), nameOnDisk(key.nodeId), String(key.attempt)),
        key,
        clock,
        maskPieces: secrets.maskPieces,
        limits,
        encoder,
        onTrouble(cause) {
          if (!troubled) onTrouble(cause);
          troubled = true;
        },
      }),
    async *read(runId, filter = {}) {
      try {
        yield* readRun(runFolder(runId), filter, clock);
      } catch (cause) {
        throw unreadable(runFolder(runId), cause);
      }
    },
    async size(runId) {
      const { sizeOfFolder } = await import("./folder-size.ts");
      return sizeOfFolder(runId === undefined ? folder : runFolder(runId));
    },
    async remove(runId) {
      // Hardly anybody removes anything, and it takes a millisecond to load.
      const { rm } = await import("node:fs/promises");
      await rm(runFolder(runId), { recursive: true, force: true });
    },
  };
}

function unreadable(folder: string, cause: unknown): BusbarError {
  const { code } = (cause ?? {}) as { readonly code?: unknown };
  const isRefusal = code === "EACCES" || code === "EPERM" || code === "ENOTDIR";
  const why = (isRefusal ? findObstacle(folder, "read", process)?.why : undefined) ?? describeFailure(cause);
  const message = `What the run has written in ${folder} cannot be read: ${why}`;
  return new BusbarError(isRefusal ? "JOURNAL_UNREADABLE" : "JOURNAL_FAILED", message, { cause });
}
