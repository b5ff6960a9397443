import { type ReactNode, useId } from "react";
import { api } from "../../api/api.ts";
import type { RunListing } from "../../api/shapes.ts";
import { useLoad } from "../../api/use-load.ts";
import { shownStatusOf } from "../../model/shown-status.ts";

/** Runs that are offered; others are reached by their address. */
const OFFERED = 100;

interface RunPickerProps {
  readonly label: string;
  /** Whose runs are offered; undefined: those of all. */
  readonly workflow: string | undefined;
  readonly runId: string | undefined;
  readonly onPick: (runId: string) => void;
}

/** The run of one side. */
export function RunPicker({ label, workflow, runId, onPick }: RunPickerProps): ReactNode {
  const id = useId();
  const { value } = useRecentRuns(workflow);
  const runs = value ?? [];
  const isOffered = runs.some(({ run_id }) => run_id === runId);
  return (
    <span className="compare-picker">
      <label htmlFor={id}>{label}</label>
      <select className="field" id={id} value={runId ?? ""} onChange={(event) => onPick(event.target.value)}>
        {isOffered ? null : <option value={runId ?? ""}>{runId ?? "choose a run"}</option>}
        {runs.map((run) => (
          <option key={run.run_id} value={run.run_id}>
            {optionText(run, workflow === undefined)}
          </option>
        ))}
      </select>
    </span>
  );
}

/** The newest runs of a workflow, or of all. */
export function useRecentRuns(workflow: string | undefined) {
  return useLoad(workflow ?? "", async (signal) => {
    const query = { limit: OFFERED, ...(workflow === undefined ? {} : { workflow }) };
    return (await api.call("get", "/api/v1/runs", { query, signal })).runs;
  });
}

function optionText(run: RunListing, withWorkflow: boolean): string {
  const at = run.created_at.slice(0, 16).replace("T", " ");
  return `${at}  ${shownStatusOf(run)}  ${withWorkflow ? `${run.workflow}  ` : ""}${run.run_id}`;
}
