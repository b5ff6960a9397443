import { useEffect, useRef } from "react";
import { api } from "../../api/api.ts";
import type { RunView } from "../../api/shapes.ts";
import { type Loaded, useLoad } from "../../api/use-load.ts";
import { useFeed } from "../../live/use-feed.ts";

/** Between two reads of a run that goes on. */
const PACE_MS = 1000;

/** A run of the address, read anew while it goes on. */
export function useComparedRun(runId: string): Loaded<RunView> {
  const loaded = useLoad(runId, (signal) =>
    api.call("get", "/api/v1/runs/{run_id}", { path: { run_id: runId }, signal }),
  );
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  useFeed((item) => {
    if (item.kind === "event" ? item.event.run_id !== runId : item.kind !== "reset") return;
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      loaded.reload();
    }, PACE_MS);
  });
  return loaded;
}
