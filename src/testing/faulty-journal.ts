import { BusbarError, type ErrorInfo } from "../kernel/errors.ts";
import type { Journal } from "../ports/journal.ts";

/** What goes wrong between a runtime and its journal. A test changes it while the run goes on. */
export interface Faults {
  /** Every write is refused with it. */
  refuse: ErrorInfo["code"] | undefined;
  /** What is refused is stored all the same: nobody was told. */
  isStored: boolean;
  /** Reads of rows and requests are refused, too. */
  isBlind: boolean;
  /** Writes wait for it, then go their way. */
  hold: Promise<void> | undefined;
  /** How often a write was asked for. */
  writes: number;
}

export interface FaultyJournal {
  readonly faults: Faults;
  /** For `createRig`. */
  readonly wrap: (journal: Journal) => Journal;
}

/** All is well with it until a fault is set. */
export function createFaultyJournal(): FaultyJournal {
  const faults: Faults = { refuse: undefined, isStored: false, isBlind: false, hold: undefined, writes: 0 };
  const refusal = (code: ErrorInfo["code"]): BusbarError => new BusbarError(code, "as the test wants it");
  const writing =
    <T>(work: (what: T) => Promise<void>) =>
    async (what: T): Promise<void> => {
      faults.writes += 1;
      await faults.hold;
      const { refuse } = faults;
      if (refuse === undefined || faults.isStored) await work(what);
      if (refuse !== undefined) throw refusal(refuse);
    };
  const reading =
    <A extends readonly unknown[], R>(work: (...what: A) => Promise<R>) =>
    async (...what: A): Promise<R> => {
      if (faults.isBlind) throw refusal("JOURNAL_FAILED");
      return work(...what);
    };
  return {
    faults,
    wrap: (journal) => ({
      ...journal,
      create: writing(journal.create),
      append: writing(journal.append),
      takeOver: writing(journal.takeOver),
      readRun: reading(journal.readRun),
      readRequests: reading(journal.readRequests),
      readUnanswered: reading(journal.readUnanswered),
    }),
  };
}
