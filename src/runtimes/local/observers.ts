import type { RunEvent } from "../../engine/events.ts";

/** Told of every event once it is durable, in order, one call an append. What it throws is told and goes no further. */
export type RunObserver = (events: readonly RunEvent[]) => void | Promise<void>;

/** All observers as one that never throws, and never rejects unheard. */
export function joinObservers(
  observers: readonly RunObserver[],
  onTrouble: (trouble: unknown) => void,
): (events: readonly RunEvent[]) => void {
  return (events) => {
    for (const observer of observers) {
      try {
        const result: unknown = observer(events);
        if (result !== undefined) Promise.resolve(result).catch(onTrouble);
      } catch (thrown) {
        onTrouble(thrown);
      }
    }
  };
}
