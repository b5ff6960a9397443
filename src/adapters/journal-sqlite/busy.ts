import type { Clock } from "../../kernel/clock.ts";
import { BusbarError } from "../../kernel/errors.ts";
import { busyWaitMs, MAX_BUSY_MS } from "./group-commit.ts";
import { listOwnerIds } from "./owner-lock.ts";
import type { Reads } from "./reads.ts";
import { isBusy } from "./sqlite-errors.ts";

/**
 * Tries again, by timers, while `action` finds the database locked: opening and
 * reading wait for nobody but a process that recovers a WAL or ends.
 * @throws what `busyError` makes of it after MAX_BUSY_MS; what `action` throws otherwise
 */
export async function retryWhileBusy<T>(clock: Clock, action: () => T, busyError: () => BusbarError): Promise<T> {
  const start = clock.monotonic();
  for (let tries = 1; ; tries += 1) {
    try {
      return action();
    } catch (thrown) {
      if (!isBusy(thrown)) throw thrown;
      if (clock.monotonic() - start >= MAX_BUSY_MS) throw busyError();
    }
    await new Promise<void>((resolve) => clock.after(busyWaitMs(tries), resolve));
  }
}

/**
 * JOURNAL_BUSY, with the names of the processes that may be the reason.
 * @param reads left out where the journal is not open yet
 * @param ownId of the owner that says so, if it is one
 */
export function busyError(stateDir: string, reads?: Reads, ownId?: string): BusbarError {
  const others = reads === undefined ? [] : namesOfOthers(stateDir, reads, ownId);
  const who = others.length === 0 ? "Another program" : others.join(" or ");
  return new BusbarError("JOURNAL_BUSY", `${who} kept the journal in ${stateDir} locked for ${MAX_BUSY_MS / 1000} s`);
}

/** The other processes that have the journal open, as far as they own a run. */
function namesOfOthers(stateDir: string, reads: Reads, ownId: string | undefined): readonly string[] {
  const nameOf = (id: string): string | undefined => {
    const owner = reads.owner(id, "");
    return owner.alive ? `Process ${owner.pid} on ${owner.host}` : undefined;
  };
  const others = unlessItFails(() => listOwnerIds(stateDir).filter((id) => id !== ownId)) ?? [];
  return others.flatMap((id) => unlessItFails(() => nameOf(id)) ?? []);
}

/** Names are a help; that there are none hides nothing. */
function unlessItFails<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
