import { type ReactNode, useLayoutEffect, useRef, useState } from "react";
import { createPortal } from "react-dom";
import { Dialog } from "../dialog/dialog.tsx";

interface EnlargeableProps {
  readonly title: string;
  /** @param enlarge a button that shows it over the page; undefined while it is there */
  readonly children: (enlarge: ReactNode) => ReactNode;
}

/**
 * Shows its content in its place, or over the page. It is the same content in both, so that whatever was chosen in it, or
 * scrolled to, stays.
 */
export function Enlargeable({ title, children }: EnlargeableProps): ReactNode {
  const [isLarge, setLarge] = useState(false);
  const [host] = useState(() => document.createElement("div"));
  const small = useRef<HTMLDivElement>(null);
  const large = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const wasLarge = useRef(false);
  useLayoutEffect(() => {
    moveInto(host, isLarge ? large.current : small.current);
    // The dialog would give the focus back to a button that was not there meanwhile.
    if (wasLarge.current && !isLarge) button.current?.focus();
    wasLarge.current = isLarge;
  }, [host, isLarge]);
  const enlarge = (
    <button ref={button} type="button" className="button small" onClick={() => setLarge(true)}>
      Enlarge
    </button>
  );
  return (
    <>
      <div ref={small}>{isLarge ? <p className="quiet">It is shown over the page.</p> : null}</div>
      {isLarge ? (
        <Dialog title={title} isWide onClose={() => setLarge(false)}>
          <div ref={large} />
        </Dialog>
      ) : null}
      {createPortal(children(isLarge ? undefined : enlarge), host)}
    </>
  );
}

/** What is moved forgets how far it was scrolled. */
function moveInto(host: HTMLElement, place: HTMLElement | null): void {
  if (place === null || host.parentElement === place) return;
  const scrolled = Array.from(host.querySelectorAll("*"), (element) => ({
    element,
    top: element.scrollTop,
    left: element.scrollLeft,
  })).filter(({ top, left }) => top > 0 || left > 0);
  place.append(host);
  for (const { element, top, left } of scrolled) element.scrollTo({ top, left, behavior: "instant" });
}
