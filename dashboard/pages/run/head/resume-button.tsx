import { type ReactNode, useState } from "react";
import { quoteWord } from "../../../../src/kernel/quote-word.ts";
import { api } from "../../../api/api.ts";
import type { RunView } from "../../../api/shapes.ts";
import { type FileChosen, type FileNow, fileBody, proposedFile } from "../../../model/file-now.ts";
import { ActionButton } from "../../../parts/action/action-button.tsx";
import { DialogFoot } from "../../../parts/action/dialog-foot.tsx";
import { Dialog } from "../../../parts/dialog/dialog.tsx";
import { FileChoice } from "../file/file-choice.tsx";
import { fileCommand } from "../file/file-command.ts";
import { askFileNow } from "../file/use-file-now.ts";

/** Goes on with the run, and asks with which workflow where its file is not what it was any more. */
export function ResumeButton({ run, isPast }: { readonly run: RunView; readonly isPast: boolean }): ReactNode {
  const [offered, setOffered] = useState<FileNow>();
  const { run_id } = run;
  return (
    <>
      <ActionButton
        label="Resume"
        role="operator"
        variant="primary"
        command={`resume ${quoteWord(run_id)}`}
        disabled={isPast}
        act={async () => {
          // Asked now: whoever has just mended the file does not wait until the page has noticed. Where nobody knows,
          // the run goes on as it was.
          const file = await askFileNow(run).catch(() => undefined);
          if (file === undefined)
            await api.call("post", "/api/v1/runs/{run_id}/resume", { path: { run_id }, body: {} });
          else setOffered(file);
        }}
      />
      {offered === undefined ? null : <ResumeDialog run={run} file={offered} onClose={() => setOffered(undefined)} />}
    </>
  );
}

interface ResumeDialogProps {
  readonly run: RunView;
  readonly file: FileNow;
  readonly onClose: () => void;
}

function ResumeDialog({ run, file, onClose }: ResumeDialogProps): ReactNode {
  const { run_id } = run;
  const [chosen, setChosen] = useState<FileChosen>(() => proposedFile(file));
  const request = { path: `/runs/${encodeURIComponent(run_id)}/resume` };
  const command = fileCommand(`resume ${quoteWord(run_id)}`, file, chosen, request);
  return (
    <Dialog title={`Resume: its file ${file.kind === "broken" ? "is broken" : "has changed"}`} onClose={onClose}>
      <p>What has succeeded is kept and not done again. A file that changes any of that is refused.</p>
      <FileChoice run={run} file={file} chosen={chosen} onChoose={setChosen} />
      <DialogFoot command={command} onClose={onClose}>
        <ActionButton
          label="Resume"
          role="operator"
          variant="primary"
          command={command}
          act={async () => {
            await api.call("post", "/api/v1/runs/{run_id}/resume", { path: { run_id }, body: fileBody(file, chosen) });
            onClose();
          }}
        />
      </DialogFoot>
    </Dialog>
  );
}
