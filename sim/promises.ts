import { BusbarError } from "../src/kernel/errors.ts";
import type { Process, World } from "./world.ts";

/** Every promise that a runtime has handed out. */
export interface Promises {
  /**
   * @param what   `resume`, `ended`, …
   * @param fulfilled what must hold of the value
   * @param rejected  told of the error; true if it may be
   */
  track<T>(tracked: {
    readonly what: string;
    readonly about: string;
    readonly process: Process;
    readonly promise: Promise<T>;
    readonly fulfilled?: (value: T) => void;
    readonly rejected?: (error: unknown) => boolean;
  }): void;
  /** Promises of living processes that have not settled. */
  pending(): readonly { readonly what: string; readonly about: string; readonly process: Process }[];
}

/** @returns promises whose rejection is a failure unless it says what it is: an error of ours that is no bug */
export function createPromises(world: World): Promises {
  const open = new Set<{ readonly what: string; readonly about: string; readonly process: Process }>();
  return {
    track({ what, about, process, promise, fulfilled, rejected }) {
      const entry = { what, about, process };
      open.add(entry);
      const settle = (how: string): void => {
        open.delete(entry);
        world.progress();
        world.note(`${process.name} ${what} ${about}: ${how}`);
      };
      promise.then(
        (value) => {
          settle("fulfilled");
          if (process.alive) fulfilled?.(value);
        },
        (error: unknown) => {
          const isOurs = error instanceof BusbarError;
          settle(isOurs ? error.code : String(error));
          if (!process.alive || rejected?.(error) === true) return;
          if (isOurs && error.code !== "INTERNAL") return;
          world.fail(`internal ${what}`, `${what} of ${about} in ${process.name} rejects: ${String(error)}`);
        },
      );
    },
    pending: () => [...open].filter(({ process }) => process.alive),
  };
}
