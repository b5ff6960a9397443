import type { JournalReader } from "../../ports/journal.ts";

/** The journal's version as the runs of this process look at it. Asking costs a few microseconds, as much as a turn of a driver. */
export interface VersionLook {
  /** What was found last, for whichever run. */
  last(): number;
  look(): number;
  /** What was found last in this turn of the event loop: of many runs that end in one, the first looks. */
  lookOnceATurn(): number;
}

export function createVersionLook(journal: Pick<JournalReader, "version">): VersionLook {
  let found = journal.version();
  let isOfThisTurn = false;
  const noteTurn = (): void => {
    isOfThisTurn = false;
  };
  const look = (): number => {
    found = journal.version();
    return found;
  };
  return {
    last: () => found,
    look,
    lookOnceATurn() {
      if (isOfThisTurn) return found;
      isOfThisTurn = true;
      setImmediate(noteTurn);
      return look();
    },
  };
}
