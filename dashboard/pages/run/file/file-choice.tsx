import type { ReactNode } from "react";
import type { RunView } from "../../../api/shapes.ts";
import { useLoad } from "../../../api/use-load.ts";
import { versionText } from "../../../api/version-text.ts";
import type { FileChosen, FileNow } from "../../../model/file-now.ts";
import { LineDiff } from "../../../parts/line-diff/line-diff.tsx";
import { Link } from "../../../parts/link.tsx";
import { ProblemNote } from "../../../parts/problem.tsx";
import { Skeleton } from "../../../parts/skeleton.tsx";
import { workflowPath } from "../../../router.ts";
import "./file-choice.css";

interface FileChoiceProps {
  readonly run: RunView;
  readonly file: FileNow;
  readonly chosen: FileChosen;
  readonly onChoose: (chosen: FileChosen) => void;
}

/** Asks with which workflow: as its file is now, or as the run has recorded it; and shows what differs. */
export function FileChoice({ run, file, chosen, onChoose }: FileChoiceProps): ReactNode {
  const option = (which: FileChosen, label: string, more: string): ReactNode => (
    <label className="file-choice-option">
      <input
        type="radio"
        name="file"
        checked={chosen === which}
        disabled={which === "now" && file.kind === "broken"}
        onChange={() => onChoose(which)}
      />
      <span>
        {label} <span className="quiet">{more}</span>
      </span>
    </label>
  );
  return (
    <fieldset className="file-choice">
      <legend>With which workflow</legend>
      {option("now", "As its file is now", file.kind === "broken" ? "which is broken" : "on the server")}
      {option("was", "As it was", "when the run last went on")}
      {file.kind === "broken" ? <Broken file={file} /> : <Difference run={run} file={file} />}
    </fieldset>
  );
}

/** Why it cannot be chosen, and where that is seen. */
function Broken({ file: { name, file, first } }: { readonly file: Extract<FileNow, { kind: "broken" }> }): ReactNode {
  return (
    <div className="problem-note">
      <p>
        <Link className="mono" to={workflowPath(name)}>
          {first === undefined ? file : `${file}:${first.line}:${first.column}`}
        </Link>{" "}
        cannot be run as it stands{first === undefined ? "." : `: ${first.message}.`}
      </p>
    </div>
  );
}

interface DifferenceProps {
  readonly run: RunView;
  readonly file: Extract<FileNow, { kind: "changed" }>;
}

function Difference({ run, file: { name, hash } }: DifferenceProps): ReactNode {
  const { value, thrown, reload } = useLoad(`${name} ${hash}`, async (signal) => ({
    text: await versionText(name, hash, signal),
  }));
  if (thrown !== undefined) return <ProblemNote thrown={thrown} retry={reload} />;
  if (value === undefined) return <Skeleton height={120} />;
  if (value.text === undefined) return <p className="quiet">What differs cannot be shown.</p>;
  if (value.text === run.definition_text) {
    return <p className="quiet">They differ only in values that are not shown, such as tokens.</p>;
  }
  return (
    <LineDiff before={run.definition_text} after={value.text} label="From what the run has recorded to the file" />
  );
}
