import { type ReactNode, useState } from "react";
import { mayAct, useSession } from "../../api/session.ts";
import type { Role } from "../../api/shapes.ts";
import { commandLine } from "../command/command-line.ts";
import { Dialog } from "../dialog/dialog.tsx";
import { ProblemNote } from "../problem.tsx";
import { DialogFoot } from "./dialog-foot.tsx";
import "./action-button.css";

interface ActionButtonProps {
  readonly label: string;
  /** What it is done to, where several buttons of that label stand on a page: said to who does not see where it is. */
  readonly of?: string;
  /** The least that is needed. */
  readonly role: Role;
  /** Does the same when it is typed: `resume r1` (command-line.ts). */
  readonly command: string;
  readonly act: () => Promise<void>;
  readonly variant?: "primary" | "danger";
  readonly size?: "small";
  readonly disabled?: boolean;
  /** Asked before it is done. */
  readonly confirm?: { readonly title: string; readonly text: string };
}

/** Where an action stands. A dialog is open from the question on, and where it does not go on. */
type Progress =
  | { readonly kind: "idle" }
  | { readonly kind: "asking" }
  | { readonly kind: "refused"; readonly because: string }
  | { readonly kind: "busy"; readonly isAsked: boolean }
  | { readonly kind: "failed"; readonly thrown: unknown };

/**
 * Does something to the server, for those who may, and says the command that does the same. A button that is not for
 * the reader stays reachable and says why.
 */
export function ActionButton({
  label,
  of,
  role,
  command,
  act,
  variant,
  size,
  disabled = false,
  confirm,
}: ActionButtonProps): ReactNode {
  const session = useSession();
  const [progress, setProgress] = useState<Progress>({ kind: "idle" });
  const isBusy = progress.kind === "busy";
  // While it is not known who asks, the server is the one to refuse.
  const refusal =
    session === undefined || mayAct(session, role)
      ? undefined
      : `This needs the role ${role}, and yours is ${session.role}.`;

  async function go(isAsked: boolean): Promise<void> {
    setProgress({ kind: "busy", isAsked });
    try {
      await act();
      setProgress({ kind: "idle" });
    } catch (thrown) {
      setProgress({ kind: "failed", thrown });
    }
  }

  const press = (): void => {
    if (isBusy) return;
    // First, as the title says it: who may not is told so also where there is nothing to do now.
    if (refusal !== undefined) setProgress({ kind: "refused", because: refusal });
    else if (disabled) return;
    else if (confirm === undefined) void go(false);
    else setProgress({ kind: "asking" });
  };
  const close = (): void => {
    if (!isBusy) setProgress({ kind: "idle" });
  };
  const isDialogOpen = progress.kind === "busy" ? progress.isAsked : progress.kind !== "idle";
  return (
    <>
      <button
        type="button"
        className={`button action-button ${variant ?? ""} ${size ?? ""}`}
        aria-label={of === undefined ? undefined : `${label}: ${of}`}
        title={refusal ?? commandLine(command)}
        aria-disabled={disabled || refusal !== undefined || undefined}
        aria-busy={isBusy || undefined}
        onClick={press}
      >
        {label}
      </button>
      {isDialogOpen ? (
        <Dialog title={titleOf(progress, label, confirm?.title)} onClose={close}>
          {progress.kind === "refused" ? <p>{progress.because}</p> : null}
          {progress.kind === "failed" ? <ProblemNote thrown={progress.thrown} /> : null}
          {confirm === undefined || progress.kind === "refused" ? null : <p>{confirm.text}</p>}
          <DialogFoot
            command={command}
            onClose={close}
            closeHasFocus
            {...(progress.kind === "failed" || progress.kind === "refused" ? { closeLabel: "Close" } : {})}
          >
            {progress.kind === "refused" ? null : (
              <button
                type="button"
                className={`button action-button ${variant ?? "primary"}`}
                aria-busy={isBusy || undefined}
                onClick={() => {
                  if (!isBusy) void go(true);
                }}
              >
                {progress.kind === "failed" ? "Try again" : label}
              </button>
            )}
          </DialogFoot>
        </Dialog>
      ) : null}
    </>
  );
}

function titleOf({ kind }: Progress, label: string, question = label): string {
  if (kind === "refused") return `${label}: not in your role`;
  return kind === "failed" ? `${label}: that did not work` : question;
}
