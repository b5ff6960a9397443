import type { Concurrency } from "../model/concurrency.ts";
import { placeAt } from "../tree/place.ts";
import type { Problems } from "../tree/problems.ts";
import type { Values } from "../tree/read-fields.ts";
import type { TopKeys } from "./keys.ts";

/** @returns undefined where the file says nothing of it, or cannot say it so */
export function readConcurrency(problems: Problems, raw: unknown, values: Values<TopKeys>): Concurrency | undefined {
  const { concurrency } = values;
  if (concurrency === undefined) return undefined;
  const { max_runs, key, when_full = "queue" } = concurrency;
  if (max_runs === undefined) {
    // One that is wrong was reported where it was read.
    if (!Object.hasOwn(Object(raw), "max_runs")) {
      problems.add("WORKFLOW_MISSING_KEY", "concurrency needs max_runs", placeAt(undefined, "concurrency"), {
        at: "key",
      });
    }
    return undefined;
  }
  return { maxRuns: max_runs, ...(key === undefined ? {} : { key }), whenFull: when_full };
}
