// How the file of a run's workflow, as the server has it now, stands to what the run has recorded.
import type { Diagnostic, RunView, WorkflowListing } from "../api/shapes.ts";

/** A file that is not what the run has recorded. */
export type FileNow =
  | {
      readonly kind: "changed";
      /** Of the workflow. */
      readonly name: string;
      readonly hash: string;
      /** It was changed since the run was made; otherwise the run never was of it. */
      readonly isSince: boolean;
      /** It was changed after the run had failed. */
      readonly isMended: boolean;
    }
  | { readonly kind: "broken"; readonly name: string; readonly file: string; readonly first: Diagnostic | undefined };

/** With which workflow a run goes on, or is made anew: as its file is now, or as it was. */
export type FileChosen = "now" | "was";

type OfRun = Pick<RunView, "workflow" | "definition_hash" | "status" | "created_at" | "ended_at">;

/** @returns undefined where the file says what the run has recorded, or is not there */
export function fileNow(run: OfRun, workflows: readonly WorkflowListing[]): FileNow | undefined {
  const found = workflows.find(({ name }) => name === run.workflow);
  if (found === undefined) return undefined;
  const { name, file, valid, diagnostics, definition_hash: hash, updated_at } = found;
  if (!valid || hash === undefined) {
    return { kind: "broken", name, file, first: diagnostics.find(({ severity }) => severity === undefined) };
  }
  if (hash === run.definition_hash) return undefined;
  const updatedAt = Date.parse(updated_at);
  return {
    ...{ kind: "changed", name, hash },
    isSince: updatedAt > Date.parse(run.created_at),
    isMended: run.status === "failed" && run.ended_at !== undefined && updatedAt > Date.parse(run.ended_at),
  };
}

/**
 * What is chosen until somebody chooses. As it was is what the run was asked for, and always possible: nothing that
 * somebody did to the file for another reason comes into a run unasked. Only who changes the file after the run has
 * failed most likely mends what it failed of; as it was, it would fail of that again.
 */
export function proposedFile(file: FileNow | undefined): FileChosen {
  return file?.kind === "changed" && file.isMended ? "now" : "was";
}

/** What a request says for the choice: the version that was looked at, whatever the file says by then. */
export function fileBody(
  file: FileNow | undefined,
  chosen: FileChosen,
): { readonly workflow?: string; readonly definition_hash?: string } {
  return chosen === "now" && file?.kind === "changed" ? { workflow: file.name, definition_hash: file.hash } : {};
}
