// What the address of the runs page says: which runs to show.
import { PAGE } from "./run-pages.ts";

/** By what chips tell runs apart. */
export const CHIPS = ["pending", "running", "interrupted", "failed", "succeeded", "cancelled"] as const;
export type Chip = (typeof CHIPS)[number];

/** Which runs are shown. */
export interface RunsPlace {
  /** Undefined: all. */
  readonly chip?: Chip;
  /** Stands in the workflow's name, the run's id or its error. */
  readonly text: string;
  readonly workflow?: string;
  /** A day, as `2026-11-23` (UTC), on which they ended, as a workflow's outcomes count them. */
  readonly day?: string;
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;

export function readRunsPlace(query: URLSearchParams): RunsPlace {
  const chip = CHIPS.find((one) => one === query.get("status"));
  const workflow = query.get("workflow");
  const day = query.get("day");
  return {
    text: query.get("q") ?? "",
    ...(chip === undefined ? {} : { chip }),
    ...(workflow === null ? {} : { workflow }),
    ...(day === null || !DAY.test(day) || Number.isNaN(Date.parse(day)) ? {} : { day }),
  };
}

/** Whether only some runs are shown. */
export function isNarrowed({ chip, text, workflow, day }: RunsPlace): boolean {
  return chip !== undefined || text.trim() !== "" || workflow !== undefined || day !== undefined;
}

/** What the server is asked for. */
export function listQueryOf({ chip, text, workflow, day }: RunsPlace) {
  return {
    ...(chip === undefined ? {} : QUERIES[chip]),
    ...(workflow === undefined ? {} : { workflow }),
    ...(text.trim() === "" ? {} : { text: text.trim() }),
    ...(day === undefined ? {} : { ended_since: `${day}T00:00:00Z`, ended_before: dayAfter(day) }),
    limit: PAGE,
  };
}

const QUERIES = {
  pending: { status: "pending", interrupted: "false" },
  running: { status: "running", interrupted: "false" },
  interrupted: { interrupted: "true" },
  failed: { status: "failed" },
  succeeded: { status: "succeeded" },
  cancelled: { status: "cancelled" },
} as const satisfies { readonly [chip in Chip]: object };

function dayAfter(day: string): string {
  return new Date(Date.parse(day) + 86_400_000).toISOString();
}
