import { useCallback, useState } from "react";
import { api } from "../../api/api.ts";
import { useLoad } from "../../api/use-load.ts";
import { isOfRun, useFeedRefresh } from "../../live/use-feed-refresh.ts";
import { type Attention, needsAttention } from "./needs-attention.ts";

/** Among how many of the newest runs is looked for failures. */
const LOOKED_AT = 100;

/** The list says what is wrong where nothing can be read. */
const NOTHING: readonly Attention[] = [];

/** The runs that need somebody, whatever the list shows. Undefined until they are known. */
export function useAttention(): readonly Attention[] | undefined {
  const [found, setFound] = useState<readonly Attention[]>();
  const look = useCallback(async (signal?: AbortSignal): Promise<void> => {
    const given = signal === undefined ? {} : { signal };
    const [newest, unfinished] = await Promise.all([
      api.call("get", "/api/v1/runs", { query: { limit: LOOKED_AT }, ...given }),
      api.call("get", "/api/v1/runs", { query: { limit: LOOKED_AT, ended: "false" }, ...given }),
    ]);
    const there = new Set(newest.runs.map(({ run_id }) => run_id));
    setFound(needsAttention([...newest.runs, ...unfinished.runs.filter(({ run_id }) => !there.has(run_id))]));
  }, []);
  const { thrown } = useLoad("attention", look);
  useFeedRefresh(look, isOfRun);
  return found ?? (thrown === undefined ? undefined : NOTHING);
}
