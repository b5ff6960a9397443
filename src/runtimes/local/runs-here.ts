import { BusbarError } from "../../kernel/errors.ts";
import type { RunRecord } from "../../ports/journal.ts";
import { isPassing } from "./commit.ts";
import type { Driver } from "./driver.ts";

/** What whoever looks at runs, or asks something of one, has to know of those that are driven in this process. */
export interface Here {
  /** Whether the run belongs to this process. */
  owns(run: RunRecord): boolean;
  driverOf(runId: string): Driver | undefined;
  /** Why the run is driven no more, if it was left here before its end and nobody has taken it up again. */
  leftOver(runId: string): unknown;
}

/** Of a process that drives none. */
export const NOTHING_HERE: Here = { owns: () => false, driverOf: () => undefined, leftOver: () => undefined };

/** The runs of this process: those that are being driven, and those that it owns but drives no more. */
export interface RunsHere extends Here {
  drivers(): Iterable<Driver>;
  /** Whether there is anything that somebody may ask something of. */
  isEmpty(): boolean;
  /** From now on, until it ends or is left. @throws BusbarError RUN_OWNED if the run is being driven already */
  add(driver: Driver): void;
}

/** @param changed called whenever a driver comes or goes */
export function createRunsHere(ownerId: string, changed: (runId: string) => void): RunsHere {
  const drivers = new Map<string, Driver>();
  const left = new Map<string, unknown>();
  return {
    owns: ({ owner }) => owner.id === ownerId,
    driverOf: (runId) => drivers.get(runId),
    drivers: () => drivers.values(),
    leftOver: (runId) => left.get(runId),
    isEmpty: () => drivers.size + left.size === 0,
    add(driver) {
      const { runId } = driver;
      if (drivers.has(runId)) throw ownedHere(runId);
      drivers.set(runId, driver);
      let isOurs = false;
      driver.owned.then(
        () => {
          isOurs = true;
          left.delete(runId);
        },
        () => undefined,
      );
      const forget = (): void => {
        drivers.delete(runId);
        changed(runId);
      };
      driver.ended.then(forget, (thrown: unknown) => {
        // Also where the first append was not acknowledged: the journal may hold it all the same.
        if (isOurs || isPassing(thrown)) left.set(runId, thrown);
        forget();
      });
      changed(runId);
    },
  };
}

export function ownedHere(runId: string): BusbarError {
  return new BusbarError("RUN_OWNED", `run ${runId} is being driven by this process`, { details: { run_id: runId } });
}
