import { type ReactNode, type RefObject, useEffect, useRef, useState } from "react";
import uPlot from "uplot";
import type { DrawnPoints } from "../columns/draw-points.ts";
import { type ChartColours, useChartColours } from "./chart-colours.ts";
import { formatNumber, formatTick, formatX } from "./format-value.ts";

/** Of a mark, from its middle to its corners. */
const MARK_PX = 5;

export interface PlotProps {
  /** The column that is drawn, and its position in `points.ys`. */
  readonly name: string;
  readonly index: number;
  readonly points: DrawnPoints;
  readonly isTime: boolean;
  readonly as: "line" | "bars";
  readonly heightPx: number;
  /** Plots with one key show the cursor at one place. */
  readonly together: string;
  readonly onZoom: (range: readonly [number, number]) => void;
}

/** One column, along the axis. */
export function Plot(props: PlotProps): ReactNode {
  const box = useRef<HTMLDivElement>(null);
  const said = useRef<HTMLSpanElement>(null);
  const colours = useChartColours(box);
  useUplot(box, said, colours, props);
  return (
    <div className="plot">
      <div className="row">
        <b className="plot-name">{props.name}</b>
        <span className="mono quiet" ref={said} aria-hidden="true" />
      </div>
      <div ref={box} style={{ height: props.heightPx }} aria-hidden="true" />
    </div>
  );
}

function useUplot(
  box: RefObject<HTMLDivElement | null>,
  said: RefObject<HTMLSpanElement | null>,
  colours: ChartColours | undefined,
  props: PlotProps,
): void {
  const { points, index, isTime, as, heightPx, together } = props;
  const latest = useRef(props);
  latest.current = props;
  const [plot, setPlot] = useState<uPlot>();
  useEffect(() => {
    const parent = box.current;
    if (parent === null || colours === undefined) return;
    const made = new uPlot(
      optionsOf({ colours, isTime, as, together, width: parent.clientWidth, height: heightPx }, latest, said),
      dataOf(latest.current),
      parent,
    );
    setPlot(made);
    const observer = new ResizeObserver(() => made.setSize({ width: parent.clientWidth, height: heightPx }));
    observer.observe(parent);
    return () => {
      observer.disconnect();
      made.destroy();
      setPlot(undefined);
    };
  }, [box, said, colours, isTime, as, heightPx, together]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is drawn is told by the points and by which column
  useEffect(() => plot?.setData(dataOf(latest.current)), [plot, points, index]);
}

function dataOf({ points, index }: PlotProps): uPlot.AlignedData {
  return [points.x as number[], (points.ys[index] ?? []) as (number | null)[]];
}

interface Look {
  readonly colours: ChartColours;
  readonly isTime: boolean;
  readonly as: "line" | "bars";
  readonly together: string;
  readonly width: number;
  readonly height: number;
}

function optionsOf(
  { colours, isTime, as, together, width, height }: Look,
  latest: { readonly current: PlotProps },
  said: { readonly current: HTMLSpanElement | null },
): uPlot.Options {
  const axis = { stroke: colours["ink-2"], grid: { stroke: colours.line, width: 1 }, ticks: { show: false } };
  const bars = uPlot.paths.bars?.({ size: [0.7, 60], align: 1 });
  return {
    width,
    height,
    ms: 1,
    tzDate: (at) => uPlot.tzDate(new Date(at), "UTC"),
    scales: {
      x: { time: isTime, range: () => axisOf(latest.current) },
      ...(as === "bars" ? { y: { range: fromZero } } : {}),
    },
    axes: [
      {
        ...axis,
        size: 28,
        ...(isTime ? { values: (_, values, __, ___, step) => values.map((at) => formatTick(at, step)) } : {}),
      },
      { ...axis, size: 58, values: (_, values) => values.map(formatNumber) },
    ],
    series: [
      {},
      {
        stroke: colours.accent,
        width: 1,
        points: { show: false },
        ...(as === "bars" && bars !== undefined ? { paths: bars, fill: colours.accent } : {}),
      },
    ],
    legend: { show: false },
    cursor: { y: false, sync: { key: together }, drag: { x: true, y: false, setScale: false } },
    hooks: {
      draw: [(plot) => drawMarks(plot, latest.current, colours)],
      setCursor: [
        ({ cursor: { idx }, data }) => {
          if (said.current === null) return;
          const [x, y] = idx === null || idx === undefined ? [] : [data[0][idx], data[1]?.[idx]];
          said.current.textContent =
            x === undefined ? "" : `${formatX(x, isTime)}: ${y === null ? "-" : formatNumber(y ?? 0)}`;
        },
      ],
      setSelect: [
        (plot) => {
          const { left, width } = plot.select;
          if (width < 4) return;
          latest.current.onZoom([plot.posToVal(left, "x"), plot.posToVal(left + width, "x")]);
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        },
      ],
    },
  };
}

/** All rows of what is drawn; the last bar has its width too. */
function axisOf({ points: { x, range }, as }: PlotProps): [number, number] {
  const [from, to] = range ?? [0, 1];
  const [last = 0, before] = [x.at(-1), x.at(-2)];
  const end = as === "bars" && before !== undefined ? Math.max(to, last + (last - before)) : to;
  return from === end ? [from - 1, end + 1] : [from, end];
}

/** Bars stand on zero. */
function fromZero(_: uPlot, least: number, most: number): [number, number] {
  const [low, high] = [Math.min(0, least ?? 0), Math.max(0, most ?? 1)];
  return low === high ? [0, 1] : [low, high + (high - low) * 0.05];
}

/** Anomalies are hollow diamonds, so that the colour is not all that tells them. */
function drawMarks(plot: uPlot, { points, index }: PlotProps, colours: ChartColours): void {
  const { anomalies } = points;
  const { ctx } = plot;
  const size = MARK_PX * devicePixelRatio;
  ctx.save();
  ctx.strokeStyle = colours["st-failed"];
  ctx.fillStyle = colours.surface;
  ctx.lineWidth = 1.6 * devicePixelRatio;
  anomalies.x.forEach((at, place) => {
    const value = anomalies.ys[index]?.[place];
    if (value === null || value === undefined) return;
    const [x, y] = [plot.valToPos(at, "x", true), plot.valToPos(value, "y", true)];
    ctx.beginPath();
    ctx.moveTo(x, y - size);
    ctx.lineTo(x + size, y);
    ctx.lineTo(x, y + size);
    ctx.lineTo(x - size, y);
    ctx.closePath();
    ctx.fill();
    ctx.stroke();
  });
  ctx.restore();
}
