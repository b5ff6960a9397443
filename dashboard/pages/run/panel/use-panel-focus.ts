import { type RefObject, useEffect, useLayoutEffect, useRef } from "react";

/** The row that the keyboard reaches: that of the node that was shown last. */
const TIMELINE_ROW = '.timeline-row[tabindex="0"]';

/**
 * Keeps the keyboard's place where the panel shows another node or goes: what had the focus is not there any more then.
 * On another node it goes to the panel's heading, and when the panel goes to where it was opened from, or else to
 * the node's row of the timeline.
 */
export function usePanelFocus(nodeId: string): {
  readonly panel: RefObject<HTMLElement | null>;
  readonly heading: RefObject<HTMLHeadingElement | null>;
} {
  const panel = useRef<HTMLElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const opener = useRef<Element | null>(null);
  const shown = useRef(nodeId);

  useLayoutEffect(() => {
    opener.current = document.activeElement;
    const own = panel.current;
    return () => {
      if (!own?.contains(document.activeElement)) return;
      requestAnimationFrame(() => {
        const from = opener.current;
        const isThere = from instanceof HTMLElement && from !== document.body && from.isConnected;
        (isThere ? from : document.querySelector<HTMLElement>(TIMELINE_ROW))?.focus();
      });
    };
  }, []);

  useEffect(() => {
    const isOther = shown.current !== nodeId;
    shown.current = nodeId;
    if (isOther && document.activeElement === document.body) heading.current?.focus();
  }, [nodeId]);
  return { panel, heading };
}
