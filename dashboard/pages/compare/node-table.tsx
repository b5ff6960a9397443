import { type ReactNode, useMemo, useState } from "react";
import { formatDuration } from "../../../src/kernel/durations.ts";
import { describeLonger, type NodePair, type NodeSide } from "../../model/compare-runs.ts";
import { Link } from "../../parts/link.tsx";
import { StatusIcon } from "../../parts/status.tsx";
import { useWindowed } from "../../parts/windowed/use-windowed.ts";
import { runPath } from "../../router.ts";
import "./node-table.css";

const ROW_PX = 54;

interface NodeTableProps {
  readonly pairs: readonly NodePair[];
  /** Ids of the runs. */
  readonly a: string;
  readonly b: string;
}

/** Each node in both runs: how it ended and how long it took. */
export function NodeTable({ pairs, a, b }: NodeTableProps): ReactNode {
  const [isAll, setAll] = useState(true);
  const [isByDifference, setByDifference] = useState(false);
  const shown = useMemo(() => arrange(pairs, isAll, isByDifference), [pairs, isAll, isByDifference]);
  const longestMs = useMemo(
    () => pairs.reduce((most, { a, b }) => Math.max(most, a?.tookMs ?? 0, b?.tookMs ?? 0), 1),
    [pairs],
  );
  const { ref, from, until } = useWindowed<HTMLElement>(shown.length, ROW_PX);
  const differing = pairs.filter(({ differs }) => differs).length;
  return (
    <section className="card compare-nodes" aria-labelledby="compare-nodes">
      <div className="row compare-nodes-head">
        <h2 id="compare-nodes">Nodes</h2>
        <span className="quiet">
          {pairs.length.toLocaleString("en")}, of which{" "}
          {differing === 0 ? "none differs" : `${differing.toLocaleString("en")} differ${differing === 1 ? "s" : ""}`}
        </span>
        <span className="grow" />
        <label className="row">
          <input type="checkbox" checked={!isAll} onChange={() => setAll(!isAll)} /> only those
        </label>
        <label className="row">
          <input type="checkbox" checked={isByDifference} onChange={() => setByDifference(!isByDifference)} /> largest
          difference first
        </label>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard */}
      <section ref={ref} className="compare-nodes-scroller" aria-label="Nodes of both runs" tabIndex={0}>
        <table aria-rowcount={shown.length + 1}>
          <thead>
            <tr>
              <th scope="col">Node</th>
              <th scope="col">A</th>
              <th scope="col">B</th>
              <th scope="col" className="compare-longer">
                B takes
              </th>
            </tr>
          </thead>
          <tbody>
            {from > 0 ? <Gap rows={from} /> : null}
            {shown.slice(from, until).map((pair, index) => (
              <NodeRow key={pair.id} {...{ pair, longestMs, a, b }} position={from + index} />
            ))}
            {until < shown.length ? <Gap rows={shown.length - until} /> : null}
          </tbody>
        </table>
        {shown.length === 0 ? <p className="quiet compare-none">No node differs.</p> : null}
      </section>
    </section>
  );
}

/** In place of rows that are not in sight. */
function Gap({ rows }: { readonly rows: number }): ReactNode {
  return (
    <tr className="compare-gap" style={{ height: rows * ROW_PX }}>
      <td colSpan={4} />
    </tr>
  );
}

interface NodeRowProps {
  readonly pair: NodePair;
  readonly longestMs: number;
  readonly a: string;
  readonly b: string;
  readonly position: number;
}

function NodeRow({ pair, longestMs, a, b, position }: NodeRowProps): ReactNode {
  const { id, longerMs } = pair;
  return (
    <tr aria-rowindex={position + 2} className={pair.differs ? "compare-differs" : ""}>
      <th scope="row" className="compare-node">
        <span className="compare-name" title={id}>
          {id}
        </span>
        <Bar side={pair.a} longestMs={longestMs} letter="a" />
        <Bar side={pair.b} longestMs={longestMs} letter="b" />
      </th>
      <SideCell side={pair.a} to={nodePath(a, id)} />
      <SideCell side={pair.b} to={nodePath(b, id)} />
      <td className="compare-longer">
        {longerMs === undefined ? (
          <span className="quiet">{pair.a === undefined ? "only in B" : pair.b === undefined ? "only in A" : "-"}</span>
        ) : (
          <Longer text={describeLonger(longerMs, pair.a?.tookMs ?? 0)} />
        )}
      </td>
    </tr>
  );
}

/** On a narrow screen how many times as long it is stands below. */
function Longer({ text }: { readonly text: string }): ReactNode {
  const [longer, times] = text.split(", ");
  return (
    <>
      {longer}
      {times === undefined ? null : <span className="compare-times"> {times}</span>}
    </>
  );
}

function SideCell({ side, to }: { readonly side: NodeSide | undefined; readonly to: string }): ReactNode {
  if (side === undefined) return <td className="quiet">-</td>;
  const { status, tookMs, attempts, why } = side;
  const more = [why, attempts > 1 ? `${attempts} attempts` : undefined].filter((text) => text !== undefined).join(", ");
  return (
    <td>
      <Link to={to} className={`compare-outcome status-${status}`}>
        <StatusIcon status={status} size={14} />
        <b>{status}</b>
        {tookMs === undefined ? null : <span className="compare-took">{formatDuration(tookMs)}</span>}
      </Link>
      {more === "" ? null : (
        <span className="compare-why" title={more}>
          {more}
        </span>
      )}
    </td>
  );
}

/** How long it took, beside all others; the words tell the same. */
function Bar(props: { readonly side: NodeSide | undefined; readonly longestMs: number; readonly letter: "a" | "b" }) {
  const { side, longestMs, letter } = props;
  const share = side?.tookMs === undefined ? 0 : (side.tookMs / longestMs) * 100;
  return (
    <span className="compare-bar" aria-hidden="true">
      <span
        className={`compare-bar-${letter} status-${side?.status ?? "pending"}`}
        style={{ width: share === 0 ? 0 : `max(2px, ${share}%)` }}
      />
    </span>
  );
}

function arrange(pairs: readonly NodePair[], isAll: boolean, isByDifference: boolean): readonly NodePair[] {
  const shown = isAll ? pairs : pairs.filter(({ differs }) => differs);
  return isByDifference ? shown.toSorted((one, two) => weightOf(two) - weightOf(one)) : shown;
}

/** Another outcome weighs more than any time. */
function weightOf({ a, b, longerMs = 0 }: NodePair): number {
  return a?.status === b?.status ? Math.abs(longerMs) : Number.MAX_VALUE;
}

function nodePath(runId: string, nodeId: string): string {
  return `${runPath(runId)}?node=${encodeURIComponent(nodeId)}`;
}
