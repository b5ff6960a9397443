import type { RunListing } from "../../api/shapes.ts";

const NO_NODES = { pending: 0, running: 0, waiting: 0, succeeded: 0, failed: 0, skipped: 0, cancelled: 0 };

/** A run of a list, for tests: `r1`, succeeded, unless told otherwise. */
export function listingOf(run: Partial<Omit<RunListing, "counts">> & { readonly counts?: object } = {}): RunListing {
  return {
    run_id: "r1",
    workflow: "w",
    status: "succeeded",
    definition_hash: "sha256:0",
    last_seq: 1,
    paused: false,
    created_at: "2026-11-23T15:00:00.000Z",
    ...run,
    counts: { ...NO_NODES, ...run.counts },
  };
}

/** The owner of an unfinished run. */
export function ownerOf(alive: boolean): NonNullable<RunListing["owner"]> {
  return { pid: 4211, host: "edge-2", alive, started_at: "2026-11-23T14:00:00.000Z" };
}
