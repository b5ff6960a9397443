import { refuseCursor } from "../../ports/cursor.ts";

/** Where a run stands among all: by when it was made, and by its id where that is the same. */
export interface RunPlace {
  /** Milliseconds since 1970. */
  readonly createdMs: number;
  readonly runId: string;
}

/** A place as a text that nobody else looks into. It stays right whatever comes and goes. */
export function encodeRunPlace({ createdMs, runId }: RunPlace): string {
  return `c${createdMs.toString(36)}.${runId}`;
}

/** @throws BusbarError USAGE */
export function decodeRunPlace(cursor: string): RunPlace {
  const [, time = "", runId = ""] = /^c([0-9a-z]{1,9})\.([A-Za-z0-9._-]{0,64})$/.exec(cursor) ?? refuseCursor(cursor);
  return { createdMs: Number.parseInt(time, 36), runId };
}
