import type { RunStatus } from "../engine/status.ts";
import type { RunOrigin } from "./run-facts.ts";

/** Which runs a list shows: those that fit everything that is given. */
export interface RunFilter {
  readonly status?: RunStatus;
  /** The workflow's name. */
  readonly workflow?: string;
  /** Stands in the workflow's name, the run's id, or `CODE: message` of its error; A to Z are the same as a to z. */
  readonly text?: string;
  /** Unfinished, and the owner does not live; false: all others. */
  readonly interrupted?: boolean;
  /** Created then or later: RFC 3339. */
  readonly since?: string;
  /** Created earlier: RFC 3339. */
  readonly createdBefore?: string;
  /** Who started it. */
  readonly origin?: RunOrigin;
  /** Has ended; false: all others. */
  readonly ended?: boolean;
  /** Ended then or later: RFC 3339. */
  readonly endedSince?: string;
  /** Ended earlier: RFC 3339. */
  readonly endedBefore?: string;
  /** Only what comes after that place: the `next` of an earlier list. */
  readonly before?: string;
  /** How many at most. */
  readonly limit?: number;
}
