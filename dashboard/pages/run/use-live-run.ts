import { useEffect, useState, useSyncExternalStore } from "react";
import { api } from "../../api/api.ts";
import { useFeed, useLiveness } from "../../live/use-feed.ts";
import { usePoll } from "../../live/use-poll.ts";
import { createLiveRun, type LiveRunSnapshot } from "./live-run.ts";

/** No event tells that an owner has died, or a run was deleted: so often it is looked at. */
const LOOK_MS = 10_000;

/** The run as it stands, and goes on, while its page is shown. */
export function useLiveRun(runId: string): LiveRunSnapshot & { readonly reload: () => void } {
  const [live] = useState(() => createLiveRun(api, runId));
  useEffect(() => live.open(), [live]);
  useFeed(live.hear);
  usePoll(live.look, LOOK_MS);
  const { state } = useLiveness();
  useEffect(() => {
    // What could not be asked while the server was away.
    if (state === "live") live.look();
  }, [live, state]);
  return { ...useSyncExternalStore(live.subscribe, live.snapshot), reload: live.reload };
}
