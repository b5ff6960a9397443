import type { ReactNode } from "react";
import type { RunState } from "../../../../src/engine/state.ts";
import type { RunView } from "../../../api/shapes.ts";
import { proposedFile } from "../../../model/file-now.ts";
import { runWords } from "../../../model/run-words.ts";
import { Command } from "../../../parts/command/command.tsx";
import { StatusIcon } from "../../../parts/status.tsx";
import { TextWithCode } from "../../../parts/text-with-code.tsx";
import { fileCommand } from "../file/file-command.ts";
import { useFileNow } from "../file/use-file-now.ts";
import { FileClause } from "./file-clause.tsx";
import "./explain-line.css";

/** What happened, what follows from it, and what to do: the answer to why the run stands where it stands. */
export function ExplainLine({ run, state }: { readonly run: RunView; readonly state: RunState }): ReactNode {
  const words = runWords(run, state);
  // Nobody resumes what goes on, or has succeeded.
  const file = useFileNow(run, words?.next?.startsWith("resume ") === true);
  if (words === undefined) return null;
  const { status, cause, consequence, remedy, next, code } = words;
  const chosen = proposedFile(file);
  const request = { path: `/runs/${encodeURIComponent(run.run_id)}/resume` };
  // What is said to be done is what the command does.
  const isAsItWas = file?.kind === "changed" && chosen === "was";
  const lead = isAsItWas ? "As it was:" : remedy === undefined && file === undefined ? "Next:" : "Then:";
  return (
    <div className={`run-line explain-line explain-${status}`} role="status">
      <StatusIcon status={status} size={18} />
      <div>
        <p>
          <b>
            <TextWithCode text={cause} />
          </b>{" "}
          {consequence}
        </p>
        {remedy === undefined && next === undefined && code === undefined ? null : (
          <p className="explain-next">
            {remedy === undefined ? null : <TextWithCode text={remedy} />}{" "}
            {file === undefined ? null : <FileClause file={file} />}{" "}
            {next === undefined ? null : (
              <>
                {lead} <Command words={fileCommand(next, file, chosen, request)} />
              </>
            )}{" "}
            {code === undefined ? null : <span className="explain-code">{code}</span>}
          </p>
        )}
        {file === undefined && isMendedInFile(remedy) ? (
          <p className="quiet">Once the workflow’s file is mended, Resume offers to go on with it.</p>
        ) : null}
      </div>
    </div>
  );
}

/** Whether a remedy names something that stands in the workflow's file. */
function isMendedInFile(remedy: string | undefined): boolean {
  return /\b(?:service_registry|(?:total_)?timeout_seconds|max_concurrency|retryable_\w+|tls)\b/.test(remedy ?? "");
}
