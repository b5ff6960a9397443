import type { ReactNode } from "react";
import { Command } from "../command/command.tsx";

interface DialogFootProps {
  /** Words after `busbar`, or a whole line, that do what the button does. */
  readonly command: string;
  readonly onClose: () => void;
  /** On the button that does nothing. */
  readonly closeLabel?: string;
  /** Whether that button has the focus first: where nothing is to be chosen before. */
  readonly closeHasFocus?: boolean;
  /** The button that acts, if one may. */
  readonly children: ReactNode;
}

/** The end of a dialog that asks before something is done: the command that does it, and the buttons. */
export function DialogFoot(props: DialogFootProps): ReactNode {
  const { command, onClose, closeLabel = "No, leave it", closeHasFocus = false, children } = props;
  return (
    <>
      <p className="quiet">The same as a command:</p>
      <Command words={command} />
      <div className="dialog-actions">
        <button type="button" className="button" data-focus={closeHasFocus || undefined} onClick={onClose}>
          {closeLabel}
        </button>
        {children}
      </div>
    </>
  );
}
