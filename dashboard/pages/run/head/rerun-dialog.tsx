import { type ReactNode, useState } from "react";
import type { RunState } from "../../../../src/engine/state.ts";
import { api } from "../../../api/api.ts";
import type { RunView } from "../../../api/shapes.ts";
import { type FileChosen, type FileNow, fileBody, proposedFile } from "../../../model/file-now.ts";
import { type RerunChoice, rerunCommand, rerunCount, rerunFrom } from "../../../model/rerun-choice.ts";
import { ActionButton } from "../../../parts/action/action-button.tsx";
import { DialogFoot } from "../../../parts/action/dialog-foot.tsx";
import { Dialog } from "../../../parts/dialog/dialog.tsx";
import { goTo, runPath } from "../../../router.ts";
import { FileChoice } from "../file/file-choice.tsx";
import { fileCommand } from "../file/file-command.ts";
import "./rerun-dialog.css";

interface RerunDialogProps {
  readonly run: RunView;
  readonly state: RunState;
  /** The node that is proposed. */
  readonly from: string | undefined;
  /** Its file, where it is not what it was any more. */
  readonly file: FileNow | undefined;
  readonly onClose: () => void;
}

/** Makes a new run of this one, and asks first how much of it is done again. */
export function RerunDialog({ run, state, from, file, onClose }: RerunDialogProps): ReactNode {
  const isDone = state.counts.succeeded === state.byPosition.length;
  const [node, setNode] = useState(from ?? state.byPosition[0]?.id ?? "");
  const [kind, setKind] = useState<RerunChoice["kind"]>(isDone ? "all" : "rest");
  const [chosen, setChosen] = useState<FileChosen>(() => proposedFile(file));
  const choice: RerunChoice = kind === "node" ? { kind, node } : { kind };
  const isKnown = kind !== "node" || state.nodes.has(node);
  const nodes = isKnown ? rerunFrom(choice, state) : undefined;
  const begins = nodes === undefined ? {} : { from: [...nodes] };
  const request = { path: `/runs/${encodeURIComponent(run.run_id)}/rerun`, body: begins };
  const command = fileCommand(rerunCommand(run.run_id, nodes), file, chosen, request);
  const count = isKnown ? rerunCount(choice, state) : 0;
  const option = (name: RerunChoice["kind"], label: ReactNode, disabled = false): ReactNode => (
    <label className="rerun-option">
      <input type="radio" name="rerun" checked={kind === name} disabled={disabled} onChange={() => setKind(name)} />
      {label}
    </label>
  );
  return (
    <Dialog title="Rerun as a new run" onClose={onClose}>
      <p>What succeeded and is not done again is kept: its output is taken from this run.</p>
      <fieldset className="rerun-choice">
        <legend className="unseen">What is done again</legend>
        {option("rest", isDone ? "What did not succeed: nothing" : "What did not succeed", isDone)}
        {option("node", "From a node on, with all that depends on it")}
        {kind === "node" ? (
          <>
            <input
              className="field"
              aria-label="Node"
              list="rerun-nodes"
              value={node}
              onChange={({ target }) => setNode(target.value)}
            />
            <datalist id="rerun-nodes">
              {state.byPosition.slice(0, 1000).map(({ id }) => (
                <option key={id} value={id} />
              ))}
            </datalist>
          </>
        ) : null}
        {option("all", "All of it")}
      </fieldset>
      {file === undefined ? null : <FileChoice run={run} file={file} chosen={chosen} onChoose={setChosen} />}
      <p role="status">
        {isKnown
          ? `${count} of ${state.byPosition.length} ${state.byPosition.length === 1 ? "node runs" : "nodes run"} again${chosen === "now" ? ", and what the file adds" : ""}.`
          : `There is no node “${node}”.`}
      </p>
      <DialogFoot command={command} onClose={onClose}>
        <ActionButton
          label="Rerun"
          role="operator"
          variant="primary"
          command={command}
          disabled={!isKnown}
          act={async () => {
            const { run_id } = await api.call("post", "/api/v1/runs/{run_id}/rerun", {
              path: { run_id: run.run_id },
              body: { ...begins, ...fileBody(file, chosen) },
            });
            onClose();
            goTo(runPath(run_id));
          }}
        />
      </DialogFoot>
    </Dialog>
  );
}
