import type { RunEvent } from "../../engine/events.ts";
import type { Abilities } from "../../engine/machine.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { Random } from "../../kernel/random.ts";
import type { Secrets } from "../../kernel/secrets.ts";
import type { Journal } from "../../ports/journal.ts";
import type { RunLogs } from "../../ports/run-logs.ts";
import type { Executors } from "../shared/executors.ts";
import type { RunQueue } from "../shared/run-queue.ts";
import type { Slots } from "./slots.ts";
import type { VersionLook } from "./version-look.ts";

/**
 * What happens to a run whose events the journal does not take for now (disk full, locked, not writable).
 *
 * - `retry`: the run stalls. Its calls go on; what is to be recorded is tried again until it is taken.
 * - `reject`: the run is left: its calls are aborted, `wait` rejects.
 */
export type OnStall = "retry" | "reject";

/** What all drivers of a runtime share. */
export interface DriverContext {
  readonly journal: Journal;
  readonly version: VersionLook;
  readonly executors: Executors;
  readonly abilities: Abilities;
  readonly clock: Clock;
  readonly random: Random;
  readonly secrets: Secrets;
  readonly slots: Slots;
  /** Where runs wait until they may go on; left out: all go on at once. */
  readonly queue?: RunQueue;
  readonly onStall: OnStall;
  /** Where attempts put what they write. */
  readonly logs?: Pick<RunLogs, "open">;
  /** Told of every event once it is durable, in order, one call an append. Does not throw. */
  readonly observe: (events: readonly RunEvent[]) => void;
  /** Told of what a run survives: an observer that throws, a journal that stalls. Does not throw. */
  readonly onTrouble: (trouble: unknown) => void;
}
