/** How often an owner looks for requests (semantics.md, "Requests"), and who watches for events of a run that is driven elsewhere. */
export const LOOK_MS = 200;

/** How the wait between two looks grows while they find nothing. */
const GROWTH = 1.5;

/** How long to wait between two looks at what others may have written. */
export interface Pace {
  /** After something was found, milliseconds. */
  readonly firstMs: number;
  /** Each look that finds nothing is followed by a longer wait, up to this. */
  readonly longestMs: number;
}

/** How often a store of runs is looked at. What is left out is as for a journal on this machine. */
export interface Looks {
  /** By whoever watches one run, or waits for its end. */
  readonly events?: Pace;
  /** By whoever follows all runs. */
  readonly feed?: Pace;
  /** By whoever asked something of a run. */
  readonly answers?: Pace;
}

export const steadyPace = (ms: number): Pace => ({ firstMs: ms, longestMs: ms });

/** The waits of one who looks. */
export interface Waits {
  /** Milliseconds until the next look. */
  next(): number;
  /** Something was found. */
  reset(): void;
}

export function createWaits({ firstMs, longestMs }: Pace): Waits {
  let waitMs = firstMs;
  return {
    next() {
      const now = waitMs;
      waitMs = Math.min(waitMs * GROWTH, longestMs);
      return now;
    },
    reset() {
      waitMs = firstMs;
    },
  };
}
