import { api } from "../../../api/api.ts";
import type { RunView } from "../../../api/shapes.ts";
import { useLoad } from "../../../api/use-load.ts";
import { usePoll } from "../../../live/use-poll.ts";
import { type FileNow, fileNow } from "../../../model/file-now.ts";

/** Files change on disk, and no feed tells of it. */
const LOOK_MS = 5_000;

/**
 * It is the list that is asked for: a run may be of a workflow that the server does not have, and one that it has comes
 * with its text, which may have megabytes.
 */
export async function askFileNow(run: RunView, signal?: AbortSignal): Promise<FileNow | undefined> {
  const { workflows } = await api.call("get", "/api/v1/workflows", signal === undefined ? {} : { signal });
  return fileNow(run, workflows);
}

/** How the file of a run stands to it, looked at now and then. @param isAsked nothing is asked otherwise */
export function useFileNow(run: RunView, isAsked: boolean): FileNow | undefined {
  const { run_id, definition_hash: hash, status, ended_at: endedAt } = run;
  const { value, reload } = useLoad(`${run_id} ${hash} ${status} ${endedAt} ${isAsked}`, async (signal) =>
    isAsked ? askFileNow(run, signal) : undefined,
  );
  usePoll(() => {
    if (isAsked) reload();
  }, LOOK_MS);
  return value;
}
