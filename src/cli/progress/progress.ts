import type { RunEvent } from "../../engine/events.ts";

/** Shows a run while it goes. Sees every event once, in order, after it is durable. */
export interface Progress {
  onEvents(events: readonly RunEvent[]): void;
  /** A line for people that stays; where this is missing, the output itself takes it. */
  say?(text: string): void;
  /** Puts the screen back in order; nothing is shown afterwards. */
  stop(): void;
}
