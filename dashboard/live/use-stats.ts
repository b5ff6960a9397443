import { useEffect, useRef } from "react";
import { api } from "../api/api.ts";
import type { WorkflowStats } from "../api/shapes.ts";
import { type Loaded, useLoad } from "../api/use-load.ts";
import { useFeed } from "./use-feed.ts";

const ENDS = ["run.succeeded", "run.failed", "run.cancelled"];
/** Many runs may end at once; the server counts for all workflows together, at its own pace. */
const REST_MS = 2_000;

/** What became of a workflow's runs, asked anew after runs have ended. @param isSeen nothing is asked before it is */
export function useStats(workflow: string, isSeen = true): Loaded<WorkflowStats | undefined> {
  const stats = useLoad(isSeen ? `stats of ${workflow}` : "", async (signal) =>
    isSeen ? api.call("get", "/api/v1/workflows/{name}/stats", { path: { name: workflow }, signal }) : undefined,
  );
  const rest = useRef<ReturnType<typeof setTimeout>>(undefined);
  const reloadSoon = (): void => {
    rest.current ??= setTimeout(() => {
      rest.current = undefined;
      if (isSeen) stats.reload();
    }, REST_MS);
  };
  useEffect(() => () => clearTimeout(rest.current), []);
  useFeed((item) => {
    // What is no event says that some may have been missed.
    if (item.kind !== "event" || ENDS.includes(item.event.type)) reloadSoon();
  });
  const isCounting = stats.value?.counted_since !== undefined;
  // biome-ignore lint/correctness/useExhaustiveDependencies: each answer that is not all asks for the next
  useEffect(() => {
    if (isCounting) reloadSoon();
  }, [isCounting, stats.value]);
  return stats;
}
