import type { QueueWait } from "../../engine/explanation.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { JournalReader } from "../../ports/journal.ts";
import { refuseUnknown } from "../../ports/journal-rules.ts";
import type { RunLogs } from "../../ports/run-logs.ts";
import type { RunReader, RunView } from "../../ports/runtime.ts";
import { createFeeding, type Feeding } from "./feed.ts";
import { loadStored, type ReadDefinition, readInPages, readStored } from "./load.ts";
import { type LocalRuns, NO_LOCAL_RUNS } from "./local-runs.ts";
import type { Looks } from "./looks.ts";
import { resolveRun } from "./resolve-run.ts";
import { listingOf, standingOf, viewOf } from "./view.ts";
import { waitForEnd } from "./wait.ts";
import { createWatching, type Watching } from "./watch.ts";

export interface RunReaderOptions {
  readonly journal: JournalReader;
  readonly clock: Clock;
  readonly readDefinition: ReadDefinition;
  /** What containers have written; nothing if left out. */
  readonly logs?: Pick<RunLogs, "read">;
  /** How often it is looked for what others write. */
  readonly looks?: Looks;
  /** What a run waits for whose turn is given in this process, though it is driven elsewhere. */
  readonly turnOf?: (runId: string) => QueueWait | undefined;
}

/** Looks at runs that others drive. */
export interface StoredRunReader extends RunReader {
  /** Ends what is being watched. The journal stays the caller's to close. */
  close(): void;
}

/** The reading side of a runtime over a journal that is open for reading: nothing is owned, nothing is written. */
export function createRunReader(options: RunReaderOptions): StoredRunReader {
  const { journal, clock, looks = {} } = options;
  const watching = createWatching(journal, clock, NO_LOCAL_RUNS, looks.events);
  const feeding = createFeeding(journal, clock, looks.feed);
  return {
    ...createReads({ ...options, local: NO_LOCAL_RUNS, watching, feeding }),
    close() {
      watching.close();
      feeding.close();
    },
  };
}

export interface ReadTools extends Omit<RunReaderOptions, "looks"> {
  readonly local: LocalRuns;
  readonly watching: Watching;
  readonly feeding: Feeding;
}

/** What is said of runs, whoever drives them. */
export function createReads(tools: ReadTools): RunReader {
  const { journal, clock, readDefinition, logs, local, watching, feeding, turnOf } = tools;
  return {
    async get(runId): Promise<RunView> {
      const earlier = await readInPages(journal, runId);
      const stored = await readStored(journal, runId, earlier);
      const standing = standingOf(stored.record, local, clock.now(), turnOf?.(runId));
      return viewOf(await loadStored(stored, readDefinition), standing);
    },
    async list(filter) {
      const { runs, ...rest } = await journal.listRuns(filter);
      return { runs: runs.map((record) => listingOf(record, local.driverOf(record.runId)?.stall())), ...rest };
    },
    resolve: (name) => resolveRun(journal, name),
    async events(runId, afterSeq = 0, limit) {
      const run = (await journal.readRun(runId)) ?? refuseUnknown(runId, journal.location);
      if (limit !== undefined) return journal.readEvents(runId, afterSeq, limit);
      const events = await readInPages(journal, runId, afterSeq);
      // It was pruned between two pages.
      if (afterSeq + events.length < run.lastSeq) refuseUnknown(runId, journal.location);
      return events;
    },
    findByKey: (key) => journal.findByKey(key),
    watch: watching.watch,
    feed: feeding.feed,
    wait: (runId, waitOptions = {}) => waitForEnd({ journal, local, watching }, runId, waitOptions),
    async *logs(runId, filter) {
      if ((await journal.readRun(runId)) === undefined) refuseUnknown(runId, journal.location);
      if (logs !== undefined) yield* logs.read(runId, filter);
    },
  };
}
