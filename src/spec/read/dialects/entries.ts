import type { Place } from "../../tree/place.ts";
import type { RawObject } from "../../tree/raw.ts";

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

/** What a dialect makes of `containers`. */
export interface Entries {
  /** In file order, each id once. */
  readonly entries: readonly Entry[];
  /** The executor where neither the node nor `execution_mode` says one. */
  readonly defaultExecutor: "grpc" | "docker";
}
