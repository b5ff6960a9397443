import { hostname } from "node:os";
import { openSqliteJournal } from "../adapters/journal-sqlite/journal.ts";
import { createSystemIds } from "../adapters/system/ids.ts";
import type { ErrorInfo } from "../kernel/errors.ts";
import { type PrunedRun, type PruneOptions, prune } from "../runtimes/shared/prune.ts";
import { openRunLogs } from "./run-logs.ts";
import type { Shared } from "./shared.ts";
import { BUSBAR_VERSION } from "./version.ts";

export type { PrunedRun, PruneOptions };

/** Where runs are pruned, and who is told of those that cannot be. */
export interface PruneInput extends PruneOptions {
  readonly stateDir: string;
  readonly allowRemoteState: boolean;
  readonly onDamage: (error: ErrorInfo) => void;
}

/**
 * Deletes runs that have ended, beside whoever drives others, and says of each what it took.
 * @throws BusbarError JOURNAL_…
 */
export async function* pruneStateDir(input: PruneInput, shared: Shared): AsyncGenerator<PrunedRun> {
  const { stateDir, allowRemoteState, onDamage, ...options } = input;
  const { clock } = shared;
  const journal = await openSqliteJournal({
    ...{ stateDir, clock, allowRemoteState, pid: process.pid, host: hostname() },
    ids: createSystemIds(),
    busbarVersion: BUSBAR_VERSION,
  });
  try {
    // Nothing is written through it.
    const logs = openRunLogs(stateDir, shared, () => undefined);
    yield* prune({ journal, logs, clock, onDamage }, options);
  } finally {
    await journal.close();
  }
}
