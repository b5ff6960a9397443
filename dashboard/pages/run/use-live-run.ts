import { useEffect, useState, useSyncExternalStore } from "react";
import { api } from "../../api/api.ts";
import { useFeed } from "../../live/use-feed.ts";
import { createLiveRun, type LiveRunSnapshot } from "./live-run.ts";

/** The run as it stands, and goes on, while its page is shown. */
export function useLiveRun(runId: string): LiveRunSnapshot & { readonly reload: () => void } {
  const [live] = useState(() => createLiveRun(api, runId));
  useEffect(() => live.open(), [live]);
  useFeed(live.hear);
  return { ...useSyncExternalStore(live.subscribe, live.snapshot), reload: live.reload };
}
