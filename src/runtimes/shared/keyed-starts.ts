import { BusbarError } from "../../kernel/errors.ts";
import type { JournalReader } from "../../ports/journal.ts";
import { refuseUsedKey } from "../../ports/journal-rules.ts";
import type { Idempotency, KeyedRun } from "../../ports/run-facts.ts";

/**
 * Makes one run of all starts with one idempotency key (R1), those included that come at once: here they go one after
 * the other, and between processes the journal takes one.
 */
export interface KeyedStarts {
  /**
   * @param start makes the run
   * @param again tells of the run that was made before
   * @throws BusbarError IDEMPOTENCY_KEY_USED for another hash; what `start` throws
   */
  once<T>(
    idempotency: Idempotency | undefined,
    start: () => Promise<T>,
    again: (runId: string) => Promise<T> | T,
  ): Promise<T>;
}

export function createKeyedStarts(journal: Pick<JournalReader, "findByKey">): KeyedStarts {
  /** The last start of each key that is under way. */
  const last = new Map<string, Promise<unknown>>();

  async function find({ key, hash }: Idempotency): Promise<KeyedRun | undefined> {
    const found = await journal.findByKey(key);
    if (found !== undefined && found.hash !== hash) refuseUsedKey(found);
    return found;
  }

  async function attempt<T>(
    idempotency: Idempotency,
    start: () => Promise<T>,
    again: (runId: string) => Promise<T> | T,
  ): Promise<T> {
    const known = await find(idempotency);
    if (known !== undefined) return again(known.run_id);
    try {
      return await start();
    } catch (thrown) {
      if (!(thrown instanceof BusbarError) || thrown.code !== "IDEMPOTENCY_KEY_USED") throw thrown;
      // Another process was quicker.
      const found = await find(idempotency);
      if (found === undefined) throw thrown;
      return again(found.run_id);
    }
  }

  return {
    async once(idempotency, start, again) {
      if (idempotency === undefined) return start();
      const { key } = idempotency;
      const before = last.get(key) ?? Promise.resolve();
      const attempted = before.then(() => attempt(idempotency, start, again));
      const over = attempted.catch(() => undefined);
      last.set(key, over);
      try {
        return await attempted;
      } finally {
        if (last.get(key) === over) last.delete(key);
      }
    },
  };
}
