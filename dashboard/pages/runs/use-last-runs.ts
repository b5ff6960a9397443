import { useEffect, useRef, useState } from "react";
import { api } from "../../api/api.ts";
import type { RunListing } from "../../api/shapes.ts";
import { type LastRunsOf, lastRunsOf } from "./last-runs-of.ts";

/** How long the runs of the listed workflows took before. Each workflow is asked for once, one after the other. */
export function useLastRuns(listed: readonly RunListing[]): LastRunsOf {
  const [asked, setAsked] = useState<LastRunsOf>(new Map());
  const names = [...new Set(listed.map(({ workflow }) => workflow))].sort();
  const key = JSON.stringify(names);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the names are told by `key`
  useEffect(() => {
    const gone = new AbortController();
    const { signal } = gone;
    async function ask(): Promise<void> {
      for (const workflow of names.filter((name) => !asked.has(name))) {
        const query = { workflow, ended: "true", limit: 20 } as const;
        const { runs } = await api.call("get", "/api/v1/runs", { query, signal });
        setAsked((before) => new Map([...before, [workflow, runs]]));
      }
    }
    // What the list itself says is shown all the same.
    ask().catch(() => undefined);
    return () => gone.abort();
  }, [key]);
  const last = useRef<LastRunsOf>(new Map());
  last.current = lastRunsOf(asked, listed, last.current);
  return last.current;
}
