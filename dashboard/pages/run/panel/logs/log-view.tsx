import { type ReactNode, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import type { HeldLine } from "./log-buffer.ts";
import { createLogLayout, rowsOfText } from "./log-layout.ts";
import { LogLineView, markOf, TIME_CELLS } from "./log-line.tsx";

interface LogViewProps {
  readonly label: string;
  readonly lines: readonly HeldLine[];
  /** Which lines are shown, in their order: the first `count`, or those of `only`. */
  readonly count: number;
  readonly only: readonly number[] | undefined;
  readonly find: string;
  /** Brought into sight whenever it is another one. */
  readonly current: number | undefined;
  /** Whether the end stays in sight. */
  readonly isFollowing: boolean;
  readonly onFollow: (isFollowing: boolean) => void;
}

/** In pixels, as node-logs.css has it. */
const ROW_HEIGHT = 18;
const PADDING = 8;
/** Rows that are drawn above and below what is in sight. */
const AROUND = 20;
/** Whoever is so near to the end is at the end. */
const NEAR_PX = 6;

/** The lines of a log, of which those in sight are drawn. */
export function LogView(props: LogViewProps): ReactNode {
  const { label, lines, count, only, find, current, isFollowing, onFollow } = props;
  const box = useRef<HTMLDivElement>(null);
  const [columns, setColumns] = useState(0);
  const [sight, setSight] = useState({ top: 0, height: 400 });
  const shown = only === undefined ? count : only.length;
  const layout = useMemo(
    () =>
      createLogLayout((index) => {
        const line = lines[only?.[index] ?? index];
        return line === undefined ? 1 : rowsOfText(`${markOf(line)}${line.plain}`, columns, TIME_CELLS);
      }),
    [lines, only, columns],
  );
  layout.setCount(shown);
  const end = layout.tops.at(-1) ?? 0;
  const height = end * ROW_HEIGHT;

  const look = useCallback(() => {
    const element = box.current;
    if (element === null) return;
    setSight({ top: element.scrollTop, height: element.clientHeight });
  }, []);

  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    const measure = (): void => {
      setColumns(Math.max(20, Math.floor((element.clientWidth - 2 * PADDING) / widthOfCharacter(element))));
      look();
    };
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    return () => observer.disconnect();
  }, [look]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the end moves whenever the height changes
  useLayoutEffect(() => {
    const element = box.current;
    if (isFollowing && element !== null) element.scrollTop = element.scrollHeight;
    look();
  }, [isFollowing, height, look]);

  const place = current === undefined ? -1 : only === undefined ? current : only.indexOf(current);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a line is brought into sight once
  useEffect(() => {
    const element = box.current;
    const top = layout.tops[place];
    if (element === null || top === undefined) return;
    const y = top * ROW_HEIGHT + PADDING;
    if (y < element.scrollTop || y + ROW_HEIGHT > element.scrollTop + element.clientHeight) {
      element.scrollTop = y - element.clientHeight / 2;
    }
  }, [place, current]);

  const scrolled = useRef(0);
  function scroll(): void {
    const element = box.current;
    if (element === null) return;
    const isAtEnd = element.scrollTop + element.clientHeight >= element.scrollHeight - NEAR_PX;
    // Only who goes up leaves the end; more lines do not.
    if (isAtEnd !== isFollowing && (isAtEnd || element.scrollTop < scrolled.current)) onFollow(isAtEnd);
    scrolled.current = element.scrollTop;
    look();
  }

  const from = Math.max(0, layout.lineAt(Math.floor(sight.top / ROW_HEIGHT) - AROUND));
  const until = Math.min(shown, layout.lineAt(Math.ceil((sight.top + sight.height) / ROW_HEIGHT) + AROUND) + 1);
  const drawn = Array.from({ length: Math.max(0, until - from) }, (_, index) => only?.[from + index] ?? from + index);
  return (
    <div
      ref={box}
      className="logs-box"
      role="log"
      aria-live="off"
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is scrolled with keys
      tabIndex={0}
      onScroll={scroll}
      data-lines={shown}
    >
      <div className="logs-all" style={{ height }}>
        <div className="logs-drawn" style={{ transform: `translateY(${(layout.tops[from] ?? 0) * ROW_HEIGHT}px)` }}>
          {drawn.map((index) => {
            const line = lines[index];
            return line === undefined ? null : (
              <LogLineView key={index} line={line} find={find} isCurrent={index === current} />
            );
          })}
        </div>
      </div>
    </div>
  );
}

/** In pixels, of every character of the log's font. */
function widthOfCharacter(element: HTMLElement): number {
  const context = document.createElement("canvas").getContext("2d");
  if (context === null) return 7.3;
  context.font = getComputedStyle(element).font;
  return context.measureText("0".repeat(100)).width / 100;
}
