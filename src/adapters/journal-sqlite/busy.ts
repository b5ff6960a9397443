import type { Clock } from "../../kernel/clock.ts";
import type { BusbarError } from "../../kernel/errors.ts";
import { busyWaitMs, MAX_BUSY_MS } from "./group-commit.ts";
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
