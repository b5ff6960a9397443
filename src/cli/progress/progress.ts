import type { RunEvent } from "../../engine/events.ts";
import type { ErrorInfo } from "../../kernel/errors.ts";

/** One form in which a run is shown while it goes. It gets every event once, in order, after it is durable. */
export interface Progress {
  onEvents(events: readonly RunEvent[]): void;
  /**
   * Prints a line that stays. Only a display that redraws itself has this: beside any other, the line is written to
   * stderr.
   */
  say?(text: string): void;
  /** Whether this failure of a node stands on the screen already, all of it and not far up. */
  hasTold?(nodeId: string, error: ErrorInfo): boolean;
  /** Puts the screen back in order; nothing is shown afterwards. */
  stop(): void;
}
