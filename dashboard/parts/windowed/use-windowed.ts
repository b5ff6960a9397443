import { useCallback, useLayoutEffect, useRef, useState } from "react";

/** Which rows of a long list are drawn: those in sight, and some around them. */
export interface Windowed<E extends HTMLElement> {
  /** Of the element that scrolls. */
  readonly ref: (element: E | null) => void;
  /** The first row that is drawn, and the one after the last. */
  readonly from: number;
  readonly until: number;
  /** Brings a row into sight; `middle`: to the middle, unless it is in sight. */
  scrollTo(index: number, where?: "nearest" | "middle"): void;
}

/** Rows that are drawn beyond each edge, so that scrolling shows no holes. */
const AROUND = 8;

/** @param rowHeight in pixels, of every row */
export function useWindowed<E extends HTMLElement>(count: number, rowHeight: number): Windowed<E> {
  const element = useRef<E | null>(null);
  const [seen, setSeen] = useState({ first: 0, rows: 40 });
  const look = useCallback((): void => {
    const { scrollTop, clientHeight } = element.current ?? { scrollTop: 0, clientHeight: 0 };
    const next = { first: Math.floor(scrollTop / rowHeight), rows: Math.ceil(clientHeight / rowHeight) + 1 };
    setSeen((before) => (before.first === next.first && before.rows === next.rows ? before : next));
  }, [rowHeight]);
  const stop = useRef<() => void>(undefined);
  const ref = useCallback(
    (found: E | null): void => {
      stop.current?.();
      element.current = found;
      if (found === null) return;
      const observer = new ResizeObserver(look);
      observer.observe(found);
      found.addEventListener("scroll", look, { passive: true });
      stop.current = () => {
        observer.disconnect();
        found.removeEventListener("scroll", look);
      };
    },
    [look],
  );
  // A list that has become shorter scrolls by itself, and says nothing of it.
  // biome-ignore lint/correctness/useExhaustiveDependencies: looked again whenever the number of rows changes
  useLayoutEffect(look, [count, look]);
  const scrollTo = useCallback(
    (index: number, where: "nearest" | "middle" = "nearest"): void => {
      const box = element.current;
      if (box === null) return;
      const [top, bottom] = [index * rowHeight, (index + 1) * rowHeight];
      const isAbove = top < box.scrollTop;
      if (!isAbove && bottom <= box.scrollTop + box.clientHeight) return;
      if (where === "middle") box.scrollTop = Math.max(0, top - (box.clientHeight - rowHeight) / 2);
      else box.scrollTop = isAbove ? top : bottom - box.clientHeight;
      look();
    },
    [rowHeight, look],
  );
  const first = Math.max(0, Math.min(seen.first, count - seen.rows));
  return { ref, from: Math.max(0, first - AROUND), until: Math.min(count, first + seen.rows + AROUND), scrollTo };
}
