import { isTerminalRun } from "../../../src/engine/status.ts";
import { api } from "../../api/api.ts";
import type { RunView } from "../../api/shapes.ts";
import { type Loaded, useLoad } from "../../api/use-load.ts";
import { useFeedRefresh } from "../../live/use-feed-refresh.ts";

/** A run of the address, read anew as it goes on, and where it is there no more. */
export function useComparedRun(runId: string): Loaded<RunView> {
  const loaded = useLoad(runId, (signal) =>
    api.call("get", "/api/v1/runs/{run_id}", { path: { run_id: runId }, signal }),
  );
  useFeedRefresh(
    async () => {
      if (!(await isAsItWas(loaded).catch(() => false))) loaded.reload();
    },
    ({ event }) => event.run_id === runId,
  );
  return loaded;
}

/** Of a run that has ended only what follows is asked for: all of it can be much, and most often nothing is new. */
async function isAsItWas({ value: run, thrown }: Loaded<RunView>): Promise<boolean> {
  if (run === undefined || thrown !== undefined || !isTerminalRun(run.status)) return false;
  const path = { run_id: run.run_id };
  const { events } = await api.call("get", "/api/v1/runs/{run_id}/events", { path, query: { after: run.last_seq } });
  return events.length === 0;
}
