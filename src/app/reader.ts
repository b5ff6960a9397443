import { openJournalReader } from "../adapters/journal-sqlite/reader.ts";
import { holdsJournal } from "../adapters/journal-sqlite/state-dir.ts";
import type { RunReader } from "../ports/runtime.ts";
import { createRunReader } from "../runtimes/local/reader.ts";
import { openRunLogs } from "./run-logs.ts";
import type { Shared } from "./shared.ts";

/** Looks at the runs of a state directory, whoever drives them. */
export interface OpenRunReader extends RunReader {
  /** Ends what is being watched. */
  close(): Promise<void>;
}

/**
 * Whether anything is recorded in a directory.
 * @throws BusbarError JOURNAL_DAMAGED
 */
export function hasRuns(stateDir: string): boolean {
  return holdsJournal(stateDir);
}

/** Opens a state directory for looking only: nothing is made, nothing is owned, a read-only directory will do. */
export function openReader(stateDir: string, shared: Shared): OpenRunReader {
  const { clock, definitions } = shared;
  const journal = openJournalReader({ stateDir, clock });
  const reader = createRunReader({
    journal,
    clock,
    readDefinition: definitions.read,
    // Nothing is written through it.
    logs: openRunLogs(stateDir, shared, () => undefined),
  });
  return {
    ...reader,
    async close() {
      reader.close();
      await journal.close();
    },
  };
}
