import type { RunStatus } from "../engine/status.ts";

/** Which runs a list shows: those that fit everything that is given. */
export interface RunFilter {
  readonly status?: RunStatus;
  /** The workflow's name. */
  readonly workflow?: string;
  /** Unfinished, and the owner does not live; false: all others. */
  readonly interrupted?: boolean;
  /** How many at most. */
  readonly limit?: number;
}
