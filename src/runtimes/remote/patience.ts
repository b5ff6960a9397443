import type { Clock } from "../../kernel/clock.ts";
import type { BusbarError } from "../../kernel/errors.ts";
import type { Connection } from "./connection.ts";
import { isLoss } from "./faults.ts";

/** How long a server that was there may be away: long enough to be started again. */
export const AWAY_MS = 60_000;
const FIRST_MS = 50;
const MAX_MS = 1_000;
/** A stream that stands for so long shows that the server is there, whether anything happens on it or not. */
const STEADY_MS = 1_000;

export interface PatienceTools {
  readonly connection: Pick<Connection, "hasAnswered">;
  readonly clock: Clock;
  readonly pause: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
  readonly awayMs: number;
  /** Told once of each time that the server is away. */
  readonly onTrouble: (trouble: BusbarError) => void;
}

/** Waits for a server that was there and is away. */
export interface Patience {
  /** It has answered. */
  answered(): void;
  /** A stream that was opened has brought something, be it a sign of life. */
  heard(): void;
  /**
   * Resolves when it is time to try again.
   * @param thrown what is no loss is thrown again, and a loss where it was never there or is away for too long
   * @param leastMs what the server asked for
   */
  lost(thrown: unknown, signal: AbortSignal | undefined, leastMs?: number): Promise<void>;
}

export function createPatience({ connection, clock, pause, awayMs, onTrouble }: PatienceTools): Patience {
  let awaySince: number | undefined;
  let heardMs: number | undefined;
  let pauseMs = FIRST_MS;

  function answered(): void {
    awaySince = undefined;
    pauseMs = FIRST_MS;
  }

  return {
    answered,
    heard() {
      heardMs ??= clock.monotonic();
    },
    async lost(thrown, signal, leastMs = 0) {
      if (!isLoss(thrown) || !connection.hasAnswered()) throw thrown;
      // One that is cut as soon as it is open shows nothing: it would be opened again for ever.
      if (heardMs !== undefined && clock.monotonic() - heardMs >= STEADY_MS) answered();
      heardMs = undefined;
      if (awaySince === undefined) {
        awaySince = clock.monotonic();
        onTrouble(thrown);
      }
      if (clock.monotonic() - awaySince > awayMs) throw thrown;
      const ms = Math.max(pauseMs, Math.min(leastMs, MAX_MS));
      pauseMs = Math.min(2 * pauseMs, MAX_MS);
      await pause(ms, signal);
    },
  };
}
