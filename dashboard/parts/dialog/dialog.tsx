import { type ReactNode, useId, useLayoutEffect, useRef } from "react";
import "./dialog.css";

/**
 * A dialog over the page, the browser's own: it holds the focus, gives it back, and ends with Escape. What is marked
 * with `data-focus` has the focus first.
 * @param onClose asked for by Escape, the cross, or a click beside it; whoever shows the dialog then shows it no more
 */
export function Dialog({
  title,
  onClose,
  isWide = false,
  children,
}: {
  readonly title: string;
  readonly onClose: () => void;
  /** It takes the room that there is, whatever is in it. */
  readonly isWide?: boolean;
  readonly children: ReactNode;
}): ReactNode {
  const dialog = useRef<HTMLDialogElement>(null);
  const pressed = useRef<EventTarget>(null);
  const titleId = useId();
  // Closed before it is taken out of the page: only then is the focus given back.
  useLayoutEffect(() => {
    const shown = dialog.current;
    shown?.showModal();
    const first = shown?.querySelector<HTMLElement>("[data-focus]") ?? shown?.querySelector("h2");
    first?.focus();
    return () => shown?.close();
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape does the same
    <dialog
      ref={dialog}
      className={isWide ? "dialog dialog-wide" : "dialog"}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onPointerDown={(event) => {
        pressed.current = event.target;
      }}
      onClick={(event) => {
        // Not the second click of the two that have opened it, nor the end of a selection that began within.
        const isBeside = event.target === dialog.current && pressed.current === dialog.current;
        if (isBeside && event.detail <= 1) onClose();
      }}
    >
      <div className="dialog-body">
        <div className="row">
          <h2 id={titleId} tabIndex={-1} className="grow">
            {title}
          </h2>
          <button type="button" className="button small dialog-close" aria-label="Close" onClick={onClose}>
            ✕
          </button>
        </div>
        {children}
      </div>
    </dialog>
  );
}
