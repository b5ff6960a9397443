/** What a journal can do to forget runs (J12). */
export interface Retention {
  /**
   * Deletes a run that has ended, all of it and at once; false, and nothing is changed, for one that is not there, has
   * not ended, or is still told of: its owner lives, and wrote its end less than 10 s ago.
   * @param at RFC 3339: now
   * @throws BusbarError JOURNAL_…
   */
  prune(runId: string, at: string): Promise<boolean>;
  /** Bytes that a run takes in the journal; of all there is if left out. */
  readSize(runId?: string): Promise<number>;
  /** Pruned runs whose logs nobody has said to be gone. */
  readUnswept(): Promise<readonly string[]>;
  /** The logs of these pruned runs are gone. */
  noteSwept(runIds: readonly string[]): Promise<void>;
  /** Gives the space of what was pruned back to the disk, a little at a time, so that nobody waits for it. */
  giveBack(): Promise<void>;
}
