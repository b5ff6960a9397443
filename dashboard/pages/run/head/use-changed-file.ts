import { quoteWord } from "../../../../src/kernel/quote-word.ts";
import { api } from "../../../api/api.ts";
import type { RunView } from "../../../api/shapes.ts";
import { useLoad } from "../../../api/use-load.ts";
import { usePoll } from "../../../live/use-poll.ts";

/** No event tells that a workflow's file was mended: so often it is looked at. */
const LOOK_MS = 5_000;

/** The file of the run's workflow as the server has it now, where that is another than the run goes by. */
export interface ChangedFile {
  /** Its name. */
  readonly file: string;
  /** How a request says that the run goes on with what was looked at. */
  readonly asked: { readonly workflow: string; readonly definition_hash: string };
}

/** As the words after `busbar`. */
export function resumeWithChanged({ run_id, workflow }: RunView): string {
  return `resume ${quoteWord(run_id)} --file ${quoteWord(workflow)}`;
}

/** @param isWanted the run can be resumed: only then it matters */
export function useChangedFile(run: RunView, isWanted: boolean): ChangedFile | undefined {
  const { workflow, definition_hash } = run;
  // Not by its name: that a run's workflow is none of the server's is no trouble.
  const { value, reload } = useLoad(isWanted ? "workflows" : "", async (signal) =>
    isWanted ? await api.call("get", "/api/v1/workflows", { signal }) : undefined,
  );
  usePoll(() => {
    if (isWanted) reload();
  }, LOOK_MS);
  const stored = value?.workflows.find(({ name, valid }) => valid && name === workflow);
  if (!isWanted || stored?.definition_hash === undefined || stored.definition_hash === definition_hash)
    return undefined;
  return { file: stored.file, asked: { workflow, definition_hash: stored.definition_hash } };
}
