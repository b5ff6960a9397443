import { api } from "../../api/api.ts";
import type { WorkflowView } from "../../api/shapes.ts";
import { usePoll } from "../../live/use-poll.ts";

/** Files change on disk, and no feed tells of it. */
const LOOK_MS = 10_000;

/**
 * Calls `reload` when the server has something else than what is shown. It is the list that is asked for, now and then:
 * a workflow comes with its text, which may have megabytes.
 * @param version of `shown`, where it is not the file as it stands
 */
export function useFileChanges(
  name: string,
  shown: WorkflowView | undefined,
  version: string | undefined,
  reload: () => void,
): void {
  usePoll(async () => {
    if (shown === undefined) return reload();
    try {
      const { workflows } = await api.call("get", "/api/v1/workflows", {});
      const now = workflows.find((workflow) => workflow.name === name);
      const isSame =
        now !== undefined &&
        now.versions === shown.versions &&
        (version !== undefined ||
          (now.updated_at === shown.updated_at &&
            now.definition_hash === shown.definition_hash &&
            now.valid === shown.valid));
      if (!isSame) reload();
    } catch {
      // What is wrong is told by whoever asks for the workflow.
      reload();
    }
  }, LOOK_MS);
}
