import { type ReactNode, useState } from "react";
import type { RunState } from "../../../../src/engine/state.ts";
import type { RunView } from "../../../api/shapes.ts";
import type { FileNow } from "../../../model/file-now.ts";
import { askFileNow } from "../file/use-file-now.ts";
import { RerunDialog } from "./rerun-dialog.tsx";

interface RerunButtonProps {
  readonly run: RunView;
  readonly present: RunState;
  readonly isPast: boolean;
  /** The node that is looked at: a rerun may begin with it. */
  readonly selected: string | undefined;
}

/** Opens what asks how much of the run is done again, and with which workflow. */
export function RerunButton({ run, present, isPast, selected }: RerunButtonProps): ReactNode {
  const [asking, setAsking] = useState<"no" | "file" | { readonly file: FileNow | undefined }>("no");
  const open = async (): Promise<void> => {
    if (isPast || asking !== "no") return;
    setAsking("file");
    // Before the dialog is there, so that nothing in it moves.
    setAsking({ file: await askFileNow(run).catch(() => undefined) });
  };
  return (
    <>
      <button
        type="button"
        className="button action-button"
        aria-disabled={isPast || undefined}
        aria-busy={asking === "file" || undefined}
        onClick={open}
      >
        Rerun…
      </button>
      {typeof asking === "object" ? (
        <RerunDialog run={run} state={present} from={selected} file={asking.file} onClose={() => setAsking("no")} />
      ) : null}
    </>
  );
}
