import {
  type KeyboardEvent,
  type ReactNode,
  useEffect,
  useLayoutEffect,
  useMemo,
  useReducer,
  useRef,
  useState,
} from "react";
import { ProblemNote } from "../../problem.tsx";
import { guessKinds, isTrue, marksAnomalies } from "./column-kinds.ts";
import type { Row } from "./csv-reader.ts";
import { createRowPages } from "./row-pages.ts";
import { createRowScroll } from "./row-scroll.ts";
import type { TableSource } from "./table-source.ts";
import "./data-table.css";

const ROW_PX = 24;
/** Rows of a view; a shorter table is lower. */
const VIEW_ROWS = 12;
const MIN_LARGE_ROWS = 6;
/** What of a large view is not rows. */
const AROUND_PX = 260;
/** Of a cell, in characters: what is longer is cut, and told whole as its title. */
const MAX_WIDTH = 40;
/** Until rows are asked for: the bar may be on its way past them. */
const PATIENCE_MS = 60;

interface DataTableProps {
  readonly source: TableSource;
  /** The first rows, which are there already. */
  readonly head: readonly Row[];
  readonly label: string;
  /** It has the height of the window. */
  readonly isLarge: boolean;
  /** The number of the first row after one that is out of the ordinary; the first one of all where there is none. */
  readonly findAnomaly: (after: number) => Promise<number | undefined>;
}

/** A table of any length: only the rows that are seen are read, and stand in the page. */
export function DataTable({ source, head, label, isLarge, findAnomaly }: DataTableProps): ReactNode {
  const { columns, count } = source;
  const visible = Math.min(count, useViewRows(isLarge));
  const viewPx = (visible + 1) * ROW_PX;
  const scroll = useMemo(() => createRowScroll(count, visible, ROW_PX, viewPx), [count, visible, viewPx]);
  const [first, setFirst] = useState(0);
  const scroller = useRef<HTMLElement>(null);
  const { pages, thrown, retry } = usePages(source, first, visible);
  const look = useMemo(() => lookOf(columns, head, count), [columns, head, count]);

  // The bar follows where keys or the field have led.
  useLayoutEffect(() => {
    const bar = scroller.current;
    if (bar !== null && scroll.firstAt(bar.scrollTop) !== first) bar.scrollTop = scroll.topOf(first);
  }, [first, scroll]);

  const show = (row: number): void => setFirst(Math.min(Math.max(row, 0), scroll.lastFirst));
  const onKeyDown = (event: KeyboardEvent): void => {
    const to = KEYS[event.key]?.(first, visible, scroll.lastFirst);
    if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    show(to);
  };

  return (
    <div className="data-table">
      <section
        className="data-table-scroller"
        ref={scroller}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
        tabIndex={0}
        aria-label={label}
        style={{ height: viewPx + (scroll.lastFirst === 0 ? 0 : 2) }}
        onScroll={(event) => setFirst(scroll.firstAt(event.currentTarget.scrollTop))}
        onKeyDown={onKeyDown}
      >
        <div className="data-table-way" style={{ height: scroll.heightPx, width: `max(100%, ${look.widthCh}ch)` }}>
          <table aria-rowcount={count + 1}>
            <colgroup>
              <col style={{ width: `${look.numberCh}ch` }} />
              {look.columns.map(({ key, widthCh }) => (
                <col key={key} style={{ width: `${widthCh}ch` }} />
              ))}
              <col />
            </colgroup>
            <thead>
              <tr aria-rowindex={1}>
                <th scope="col" className="data-table-number">
                  #
                </th>
                {look.columns.map(({ key, name, isNumber }) => (
                  <th key={key} scope="col" title={name} className={isNumber ? "data-table-right" : ""}>
                    {name}
                  </th>
                ))}
                <td aria-hidden="true" />
              </tr>
            </thead>
            <tbody>
              {Array.from({ length: Math.min(visible, count - first) }, (_, index) => {
                const number = first + index + 1;
                return <TableRow key={number} number={number} row={pages.row(number)} look={look} />;
              })}
            </tbody>
          </table>
        </div>
      </section>
      {thrown === undefined ? null : <ProblemNote thrown={thrown} retry={retry} />}
      <div className="row data-table-foot">
        <span className="quiet grow" aria-live="polite">
          {count === 0
            ? "no rows"
            : `${(first + 1).toLocaleString("en")} to ${(first + visible).toLocaleString("en")} of ${count.toLocaleString("en")} rows`}
        </span>
        {look.marks.length === 0 ? null : (
          <AnomalyButton from={first + 1} find={findAnomaly} go={(number) => show(number - 1)} />
        )}
        {scroll.lastFirst === 0 ? null : <RowField count={count} go={(number) => show(number - 1)} />}
      </div>
    </div>
  );
}

function TableRow(props: { readonly number: number; readonly row: Row | undefined; readonly look: Look }): ReactNode {
  const { number, row, look } = props;
  const isMarked = row !== undefined && look.marks.some((column) => isTrue(row[column] ?? ""));
  return (
    <tr aria-rowindex={number + 1} className={isMarked ? "data-table-marked" : ""}>
      <th scope="row" className="data-table-number">
        {isMarked ? (
          <>
            <span aria-hidden="true">◆ </span>
            <span className="unseen">anomaly, row </span>
          </>
        ) : null}
        {number.toLocaleString("en")}
      </th>
      {look.columns.map(({ key, isNumber }, index) => (
        <td key={key} title={row?.[index]} className={isNumber ? "data-table-right" : ""}>
          {row === undefined ? <span className="data-table-coming">…</span> : row[index]}
        </td>
      ))}
      <td aria-hidden="true" />
    </tr>
  );
}

interface AnomalyButtonProps {
  readonly from: number;
  readonly find: (after: number) => Promise<number | undefined>;
  readonly go: (number: number) => void;
}

/** Leads from one row that is out of the ordinary to the next. */
function AnomalyButton({ from, find, go }: AnomalyButtonProps): ReactNode {
  const [state, setState] = useState<"ready" | "searching" | "none">("ready");
  // The last rows cannot be the first that is seen: where it led to is not where the table stands.
  const last = useRef<number>(undefined);
  const search = async (): Promise<void> => {
    setState("searching");
    const found = await find(Math.max(last.current ?? 0, from - 1)).catch(() => undefined);
    setState(found === undefined ? "none" : "ready");
    last.current = found;
    if (found !== undefined) go(found);
  };
  if (state === "none") return <span className="quiet">no anomalies</span>;
  return (
    <button type="button" className="button small" disabled={state === "searching"} onClick={search}>
      {state === "searching" ? "searching …" : "◆ Next anomaly"}
    </button>
  );
}

function RowField({ count, go }: { readonly count: number; readonly go: (number: number) => void }): ReactNode {
  return (
    <form
      className="row"
      onSubmit={(event) => {
        event.preventDefault();
        const number = Number(new FormData(event.currentTarget).get("row"));
        if (Number.isInteger(number)) go(number);
      }}
    >
      <label className="row">
        Row <input className="field data-table-field" name="row" type="number" min={1} max={count} required />
      </label>
      <button type="submit" className="button small">
        Go
      </button>
    </form>
  );
}

const KEYS: {
  readonly [key: string]: ((first: number, visible: number, last: number) => number) | undefined;
} = {
  ArrowDown: (first) => first + 1,
  ArrowUp: (first) => first - 1,
  PageDown: (first, visible) => first + visible - 1,
  PageUp: (first, visible) => first - visible + 1,
  Home: () => 0,
  End: (_, __, last) => last,
};

/** How many rows are seen; in a large view as many as the window has room for. */
function useViewRows(isLarge: boolean): number {
  const [height, setHeight] = useState(innerHeight);
  useEffect(() => {
    const measure = (): void => setHeight(innerHeight);
    addEventListener("resize", measure);
    return () => removeEventListener("resize", measure);
  }, []);
  return isLarge ? Math.max(MIN_LARGE_ROWS, Math.floor((height - AROUND_PX) / ROW_PX)) : VIEW_ROWS;
}

function usePages(source: TableSource, first: number, visible: number) {
  const [, come] = useReducer((times: number) => times + 1, 0);
  const [thrown, setThrown] = useState<unknown>();
  const pages = useMemo(() => createRowPages(source, { come, failed: setThrown }), [source]);
  useEffect(() => () => pages.close(), [pages]);
  useEffect(() => {
    if (thrown !== undefined) return;
    const timer = setTimeout(() => pages.want(first + 1, first + visible), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [pages, first, visible, thrown]);
  return { pages, thrown, retry: () => setThrown(undefined) };
}

interface Look {
  readonly columns: readonly {
    readonly key: string;
    readonly name: string;
    readonly widthCh: number;
    readonly isNumber: boolean;
  }[];
  /** Columns that say which rows are out of the ordinary. */
  readonly marks: readonly number[];
  readonly numberCh: number;
  readonly widthCh: number;
}

/** Widths are those of the first rows, so that nothing moves while one scrolls. */
function lookOf(names: readonly string[], head: readonly Row[], count: number): Look {
  const kinds = guessKinds(names, head);
  const columns = names.map((name, column) => {
    const longest = head.reduce((most, row) => Math.max(most, row[column]?.length ?? 0), name.length);
    return {
      key: `${column} ${name}`,
      name,
      widthCh: Math.min(longest, MAX_WIDTH) + 3,
      isNumber: kinds[column] === "number",
    };
  });
  const marks = names.flatMap((name, column) => (marksAnomalies(name) ? [column] : []));
  const numberCh = count.toLocaleString("en").length + 5;
  return { columns, marks, numberCh, widthCh: columns.reduce((sum, { widthCh }) => sum + widthCh, numberCh) };
}
