import { join } from "node:path";
import { findObstacle } from "../../kernel/access.ts";
import {
  requireClock,
  requireFunction,
  requireIfGiven,
  requireMethods,
  requireObject,
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

/**
 * Keeps what attempts write in files, `<folder>/<run>/<node>/<attempt>/*.log`, one record a line (records.ts).
 * They are read as they stand, also while another process writes them, and from a read-only directory; `read`
 * rejects with BusbarError JOURNAL_UNREADABLE or JOURNAL_FAILED where the file system does not let it.
 *
 * @throws BusbarError USAGE
 */
export function createRunLogs(options: RunLogsOptions): RunLogs {
  requireObject("options", options, "an object {folder, clock, secrets, onTrouble}");
  requireWord("options.folder", options.folder, "the path of a directory");
  requireClock("options.clock", options.clock);
  requireMethods("options.secrets", options.secrets, ["maskPieces"]);
  requireFunction("options.onTrouble", options.onTrouble);
  requireIfGiven("options.limits", options.limits, requireLimits);
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

function requireLimits(name: string, value: unknown): void {
  requireObject(name, value, "an object {attemptBytes, lineChars}");
  const { attemptBytes, lineChars } = value as Partial<LogLimits>;
  requireWhole(`${name}.attemptBytes`, attemptBytes, 1);
  requireWhole(`${name}.lineChars`, lineChars, 1);
}
