import type { ReactNode } from "react";
import type { RunState } from "../../../../src/engine/state.ts";
import type { RunView } from "../../../api/shapes.ts";
import { runWords } from "../../../model/run-words.ts";
import { Command } from "../../../parts/command/command.tsx";
import { StatusIcon } from "../../../parts/status.tsx";
import { Told } from "../../../parts/told.tsx";
import { type ChangedFile, resumeWithChanged } from "../head/use-changed-file.ts";
import "./explain-line.css";

interface ExplainLineProps {
  readonly run: RunView;
  readonly state: RunState;
  /** The workflow's file, where it was changed since. */
  readonly changed: ChangedFile | undefined;
}

/** What happened, what follows from it, and what to do: the answer to why the run stands where it stands. */
export function ExplainLine({ run, state, changed }: ExplainLineProps): ReactNode {
  const words = runWords(run, state);
  if (words === undefined) return null;
  const { status, cause, consequence, remedy, next, code } = words;
  return (
    <div className={`run-line explain-line explain-${status}`} role="status">
      <StatusIcon status={status} size={18} />
      <div>
        <p>
          <b>
            <Told text={cause} />
          </b>{" "}
          {consequence}
        </p>
        {remedy === undefined && next === undefined && code === undefined ? null : (
          <p className="explain-next">
            {remedy === undefined ? null : <Told text={remedy} />}{" "}
            {next === undefined ? null : (
              <>
                {remedy === undefined ? "Next:" : "Then:"} <Command words={next} />
              </>
            )}{" "}
            {code === undefined ? null : <span className="explain-code">{code}</span>}
          </p>
        )}
        {changed === undefined ? (
          isMendedInFile(remedy) && (
            <p className="quiet">
              Once the workflow's file is mended, to resume with the changed file is offered here.
            </p>
          )
        ) : (
          <p className="explain-next">
            <code>{changed.file}</code> has changed since. Resume goes on with the file as it was;{" "}
            <b>Resume with the changed file</b> with what it says now: <Command words={resumeWithChanged(run)} />
          </p>
        )}
      </div>
    </div>
  );
}

/** Whether a remedy names something that stands in the workflow's file. */
function isMendedInFile(remedy: string | undefined): boolean {
  return /\b(?:service_registry|(?:total_)?timeout_seconds|max_concurrency|retryable_\w+|tls)\b/.test(remedy ?? "");
}
