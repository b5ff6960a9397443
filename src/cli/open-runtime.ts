import { hostname } from "node:os";
import { join, resolve } from "node:path";
import { openSqliteJournal } from "../adapters/journal-sqlite/journal.ts";
import { openLogFile } from "../adapters/log-file/log-file.ts";
import { createRunLogs } from "../adapters/run-logs/run-logs.ts";
import { createSystemClock } from "../adapters/system/clock.ts";
import { createSystemIds } from "../adapters/system/ids.ts";
import { createSystemRandom } from "../adapters/system/random.ts";
import type { Definitions } from "../app/definitions.ts";
import type { RunEvent } from "../engine/events.ts";
import { isTerminalRun } from "../engine/status.ts";
import type { Clock } from "../kernel/clock.ts";
import { createLocalRuntime, type LocalRuntime } from "../runtimes/local/runtime.ts";
import type { Invocation } from "./command.ts";
import { closeExecutors, createExecutors } from "./executors.ts";
import { nodeName } from "./progress/log-lines.ts";
import { resolveStateDir, runLogsFolder } from "./state-dir.ts";

export interface OpenedRuntime {
  readonly runtime: LocalRuntime;
  readonly clock: Clock;
  /** Lets go of everything; runs that are still driven are left interrupted. */
  close(): Promise<void>;
}

/** Opens the state directory as an owner of runs, and joins journal, executors, log and runtime. */
export async function openRuntime(
  { values, io, secrets, version }: Invocation,
  definitions: Definitions,
  observers: readonly ((events: readonly RunEvent[]) => void)[] = [],
): Promise<OpenedRuntime> {
  const stateDir = resolveStateDir({ flag: values.text("state-dir"), env: io.env, cwd: io.cwd });
  const clock = createSystemClock();
  const ids = createSystemIds();
  const journal = await openSqliteJournal({
    stateDir,
    clock,
    ids,
    pid: process.pid,
    host: hostname(),
    busbarVersion: version,
    allowRemoteState: values.flag("allow-remote-state"),
  });
  const logDir = io.env("LOG_DIR");
  const log = openLogFile({
    folder: logDir === undefined || logDir === "" ? join(stateDir, "logs") : resolve(io.cwd, logDir),
    node: nodeName(io),
    mask: secrets.mask,
    nowIso: new Date(clock.now()).toISOString(),
    onTrouble: (cause) => io.err.write(`the log file cannot be written: ${String(cause)}; going on without it\n`),
  });
  const executors = createExecutors({
    clock,
    secrets,
    ids,
    async isOver(runId) {
      const run = await journal.readRun(runId);
      return run !== undefined && isTerminalRun(run.summary.status);
    },
  });
  const runtime = createLocalRuntime({
    journal,
    executors,
    clock,
    random: createSystemRandom(),
    ids,
    secrets,
    busbarVersion: version,
    readDefinition: definitions.read,
    onStall: "reject",
    onTrouble: (trouble) => io.err.write(`${trouble instanceof Error ? trouble.message : String(trouble)}\n`),
    observers: [log.write, ...observers],
    logs: createRunLogs({
      folder: runLogsFolder(stateDir),
      clock,
      secrets,
      onTrouble: (cause) =>
        io.err.write(`what containers write cannot be kept: ${String(cause)}; going on without it\n`),
    }),
  });
  return {
    runtime,
    clock,
    async close() {
      await runtime.close();
      await closeExecutors(executors);
      await journal.close();
      log.close();
    },
  };
}
