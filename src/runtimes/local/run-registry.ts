import { BusbarError } from "../../kernel/errors.ts";
import type { LocalRuns } from "../shared/local-runs.ts";
import { ownedByThisProcess } from "../shared/owned.ts";
import { isPassing } from "./commit.ts";
import type { Driver } from "./driver.ts";

/** The runs of this process: those that are being driven, and those that it owns but drives no more. */
export interface RunRegistry extends LocalRuns {
  driverOf(runId: string): Driver | undefined;
  drivers(): Iterable<Driver>;
  /** Whether there is anything that somebody may ask something of. */
  isEmpty(): boolean;
  /** From now on, until it ends or is left. @throws BusbarError RUN_OWNED if the run is being driven already */
  add(driver: Driver): void;
}

/** @param changed called whenever a driver comes or goes */
export function createRunRegistry(ownerId: string, changed: (runId: string) => void): RunRegistry {
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
      if (drivers.has(runId)) throw ownedByThisProcess(runId);
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
        // Also where the first append was not acknowledged, unless the journal was asked: it may hold it all the same.
        if (isOurs ? !isFenced(thrown) : isPassing(thrown) && !driver.isKnownAbsent()) left.set(runId, thrown);
        forget();
      });
      changed(runId);
    },
  };
}

/** The run is another process's by now. */
function isFenced(thrown: unknown): boolean {
  return thrown instanceof BusbarError && thrown.code === "JOURNAL_FENCED";
}
