import { useCallback, useState } from "react";
import { api } from "../../api/api.ts";
import type { RunCounts } from "../../api/shapes.ts";
import { useLoad } from "../../api/use-load.ts";
import { isOfRun, useFeedRefresh } from "../../live/use-feed-refresh.ts";

/** How many runs there are, by where they stand. Undefined until it is known. */
export function useRunCounts(): RunCounts | undefined {
  const [counts, setCounts] = useState<RunCounts>();
  const count = useCallback(async (signal?: AbortSignal): Promise<void> => {
    setCounts(await api.call("get", "/api/v1/run-counts", signal === undefined ? {} : { signal }));
  }, []);
  useLoad("run-counts", count);
  useFeedRefresh(count, isOfRun);
  return counts;
}
