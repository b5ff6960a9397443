import { type ReactNode, useEffect, useId, useMemo, useState } from "react";
import type { DrawnPoints } from "../columns/draw-points.ts";
import type { Columns } from "../columns/open-columns.ts";
import { ChartControls, type Choice } from "./chart-controls.tsx";
import { formatNumber, formatX } from "./format-value.ts";
import { Plot } from "./plot.tsx";
import { type Move, moveRange, type Range } from "./zoom-range.ts";
import "./chart.css";

/** Points of one plot: more than it has pixels in most places. */
const POINTS = 2400;
/** Bars that can be told apart. */
const BARS = 120;

/** The columns of a file as lines or bars: which, along which axis, of which rows. */
export function Chart({ columns, isLarge }: { readonly columns: Columns; readonly isLarge: boolean }): ReactNode {
  const { facts } = columns;
  const [choice, setChoice] = useState<Choice>(() => firstChoice(columns));
  const [range, setRange] = useState<Range>();
  const drawn = useDrawn(columns, choice, range);
  const together = useId();
  const isTime = facts.columns.some(({ name, kind }) => name === choice.x && kind === "time");
  const all = useMemo<Range | undefined>(() => (range === undefined ? drawn?.points.range : undefined), [drawn, range]);
  const [whole, setWhole] = useState<Range>();
  useEffect(() => {
    if (all !== undefined) setWhole(all);
  }, [all]);

  const choose = (change: Partial<Choice>): void => {
    setChoice({ ...choice, ...change });
    if ("x" in change || "only" in change) setRange(undefined);
  };
  const move = (move: Move): void => {
    if (whole === undefined) return;
    const next = moveRange(range ?? whole, whole, move);
    setRange(next[0] <= whole[0] && next[1] >= whole[1] ? undefined : next);
  };

  if (!facts.columns.some(({ kind }) => kind === "number")) {
    return <p className="quiet">No column of this file holds numbers that could be drawn.</p>;
  }
  return (
    <figure className="chart">
      <ChartControls
        facts={facts}
        choice={choice}
        onChange={choose}
        onMove={move}
        onWhole={range === undefined ? undefined : () => setRange(undefined)}
      />
      {choice.ys.length === 0 ? <p className="quiet">Choose a column.</p> : null}
      {drawn === undefined ? null : (
        <>
          {choice.ys.map((name, index) => (
            <Plot
              key={name}
              {...{ name, index, isTime, together }}
              points={drawn.points}
              as={drawn.choice.as}
              heightPx={heightOf(choice.ys.length, isLarge)}
              onZoom={setRange}
            />
          ))}
          <figcaption className="chart-caption" aria-live="polite">
            {captionOf(drawn, isTime, facts.anomalies !== undefined)}
          </figcaption>
        </>
      )}
    </figure>
  );
}

/** Of one plot; large ones share the window. */
function heightOf(plots: number, isLarge: boolean): number {
  if (!isLarge) return plots > 2 ? 150 : 210;
  return Math.max(180, Math.floor((innerHeight - 300) / plots) - 24);
}

function firstChoice({ facts }: Columns): Choice {
  const { columns } = facts;
  const time = columns.find(({ kind, isAxis }) => kind === "time" && isAxis);
  const y = columns.find(({ name, kind, isAxis }) => kind === "number" && !(isAxis && name === time?.name));
  return { x: time?.name, ys: y === undefined ? [] : [y.name], as: "line", only: undefined };
}

/** Points, and of which choice: the caption of what stays from before does not name what was chosen since. */
interface Drawn {
  readonly points: DrawnPoints;
  readonly choice: Choice;
}

/** What is drawn; what was drawn before stays until then. */
function useDrawn(columns: Columns, choice: Choice, range: Range | undefined): Drawn | undefined {
  const [drawn, setDrawn] = useState<Drawn>();
  const { x, ys, as, only } = choice;
  useEffect(() => {
    let isGone = false;
    const points = as === "bars" ? BARS : POINTS;
    columns.ask("draw", { x, ys, as, points, range, ...(only === undefined ? {} : { only }) }).then((points) => {
      if (!isGone) setDrawn({ points, choice: { x, ys, as, only } });
    });
    return () => {
      isGone = true;
    };
  }, [columns, x, ys, as, only, range]);
  // Of other columns nothing can be shown.
  return drawn?.choice.ys === ys ? drawn : undefined;
}

function captionOf({ points, choice: { as, only } }: Drawn, isTime: boolean, marks: boolean): string {
  const { rows, rowsPerPoint, anomalies, range } = points;
  const of = only === undefined ? "" : ` of ${only.category}`;
  if (range === undefined) return `No rows${of} here.`;
  const [from, to] = [formatX(range[0], isTime), formatX(range[1], isTime)];
  const sentences = [`${formatCount(rows, "row")}${of}, ${from} to ${to}${isTime ? " UTC" : ""}.`];
  if (marks) sentences.push(`◆ ${formatCount(anomalies.count, "anomaly", "anomalies")}.`);
  if (anomalies.x.length < anomalies.count) sentences.push(`${anomalies.x.length} of them are drawn.`);
  if (rowsPerPoint > 1) {
    const stands = as === "bars" ? "Each bar is the mean of" : "The line goes through the lowest and highest of each";
    sentences.push(`${stands} ${formatNumber(rowsPerPoint)} rows.`);
  }
  return sentences.join(" ");
}

function formatCount(count: number, one: string, many = `${one}s`): string {
  return `${count === 0 ? "no" : count.toLocaleString("en")} ${count === 1 ? one : many}`;
}
