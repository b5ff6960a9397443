import type { Place } from "./place.ts";
import type { RawObject } from "./raw.ts";

/** One container of the file with the id it goes by, whichever dialect it is written in. */
export interface Entry {
  readonly id: string;
  /** Where the id stands: a key, or the value of `id`. */
  readonly idPlace: Place;
  readonly idAt: "key" | "value";
  /** Undefined where it is no object, which has been reported: its id can be named all the same. */
  readonly raw: RawObject | undefined;
  readonly place: Place;
}
