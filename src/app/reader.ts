import { openJournalReader } from "../adapters/journal-sqlite/reader.ts";
import { toJournalError } from "../adapters/journal-sqlite/sqlite-errors.ts";
import { holdsJournal } from "../adapters/journal-sqlite/state-dir.ts";
import type { RunReader } from "../ports/runtime.ts";
import { createRunReader } from "../runtimes/shared/reader.ts";
import type { Shared } from "./shared.ts";

/** Looks at the runs of a state directory, whoever drives them. */
export interface OpenRunReader extends RunReader {
  /** Ends what is being watched. */
  close(): Promise<void>;
}

/**
 * Whether anything is recorded in a directory.
 * @throws BusbarError JOURNAL_DAMAGED, JOURNAL_UNREADABLE
 */
export function hasRuns(stateDir: string): boolean {
  try {
    return holdsJournal(stateDir);
  } catch (thrown) {
    throw toJournalError(thrown, { stateDir, readOnly: true });
  }
}

/** Opens a state directory for looking only: nothing is made, nothing is owned, a read-only directory will do. */
export function openReader(stateDir: string, shared: Shared): OpenRunReader {
  const { clock, definitions } = shared;
  const journal = openJournalReader({ stateDir, clock });
  const reader = createRunReader({
    journal,
    clock,
    readDefinition: definitions.read,
    logs: {
      async *read(runId, filter) {
        const { openRunLogs } = await import("./run-logs.ts");
        // Nothing is written through it.
        yield* openRunLogs(stateDir, shared, () => undefined).read(runId, filter);
      },
    },
  });
  return {
    ...reader,
    async close() {
      reader.close();
      await journal.close();
    },
  };
}
