import type { RunEvent } from "../engine/events.ts";

/** The hashes of the definitions that a run has had, the one it has now last. */
export function hashesOf(events: readonly RunEvent[]): readonly string[] {
  return events.flatMap((event) =>
    event.type === "run.created" || event.type === "run.resumed" ? [event.definition_hash] : [],
  );
}
