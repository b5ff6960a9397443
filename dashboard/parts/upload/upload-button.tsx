import { type ReactNode, useId, useState } from "react";
import { mayAct, useSession } from "../../api/session.ts";
import { UploadDialog, type UploadDialogProps } from "./upload-dialog.tsx";

interface UploadButtonProps extends Pick<UploadDialogProps, "replaced" | "onStored"> {
  readonly label: string;
}

/** Opens the dialog that stores a workflow file, for those who may. */
export function UploadButton({ label, replaced, onStored }: UploadButtonProps): ReactNode {
  const session = useSession();
  const [isOpen, setOpen] = useState(false);
  const hintId = useId();
  const isRefused = session !== undefined && !mayAct(session, "admin");
  const hint = isRefused ? `This needs the role admin, and yours is ${session.role}.` : undefined;
  return (
    <>
      <button
        type="button"
        className="button"
        title={hint}
        aria-describedby={isRefused ? hintId : undefined}
        aria-disabled={isRefused || undefined}
        onClick={() => {
          if (!isRefused) setOpen(true);
        }}
      >
        {label}
      </button>
      {isRefused ? (
        <span id={hintId} className="unseen">
          {hint}
        </span>
      ) : null}
      {isOpen ? (
        <UploadDialog
          title={label}
          replaced={replaced}
          onClose={() => setOpen(false)}
          onStored={(name) => {
            setOpen(false);
            onStored(name);
          }}
        />
      ) : null}
    </>
  );
}
