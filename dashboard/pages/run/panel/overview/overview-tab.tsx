import type { ReactNode } from "react";
import { formatDuration } from "../../../../../src/kernel/durations.ts";
import { findingOf } from "../../../../model/not-called.ts";
import { Link } from "../../../../parts/link.tsx";
import { runPath } from "../../../../router.ts";
import { type Bar, barsOf, timesOf } from "../../timeline/bars.ts";
import { AttemptsTable } from "../attempts/attempts-table.tsx";
import { LogGlimpse } from "../logs/log-glimpse.tsx";
import type { PanelTabProps } from "../panel-props.ts";
import { NodeError } from "./node-error.tsx";
import { NodeLink, NodeLinks } from "./node-links.tsx";
import { nodeWhy } from "./node-why.ts";

/** So many attempts stand in the overview; all of them are under Attempts. */
const SHOWN_ATTEMPTS = 6;

/** What stands first in the panel: what is wrong, what the node is, and how its attempts went. */
export function OverviewTab(props: PanelTabProps): ReactNode {
  const { run, state, node, at, isPast, onShowLog } = props;
  const { attempts } = node;
  // What was not called has no error of its own: what the preflight found of it stands there instead.
  const error =
    node.error ??
    findingOf(
      run.nodes.find(({ id }) => id === node.id),
      state,
    );
  const why = nodeWhy(run, node, isPast);
  const hidden = Math.max(0, attempts.length - SHOWN_ATTEMPTS);
  return (
    <>
      {error === undefined ? null : <NodeError error={error} runId={run.run_id} nodeId={node.id} />}
      <SkipNote {...props} />
      {why === undefined || (error !== undefined && node.error === undefined) ? null : (
        <p className="panel-note">{why}</p>
      )}
      <NodeFacts {...props} />
      <AttemptsTable state={state} attempts={attempts.slice(hidden)} at={at} />
      {hidden === 0 ? null : <p className="panel-none">{hidden} earlier ones are under Attempts.</p>}
      <LogGlimpse run={run} node={node} at={at} isPast={isPast} onShowLog={() => onShowLog()} />
    </>
  );
}

function SkipNote({ node, onSelect }: PanelTabProps): ReactNode {
  if (node.reusedFrom !== undefined) {
    return (
      <p className="panel-note">
        It was not called: its result is that of run <Link to={runPath(node.reusedFrom)}>{node.reusedFrom}</Link>.
      </p>
    );
  }
  if (node.status !== "skipped") return null;
  return (
    <p className="panel-note">
      Skipped because{" "}
      {node.because === undefined ? (
        "the run stopped."
      ) : (
        <>
          <NodeLink id={node.because} onSelect={onSelect} /> did not succeed.
        </>
      )}
    </p>
  );
}

function NodeFacts({ run, state, node, at, onSelect, onShowData }: PanelTabProps): ReactNode {
  const { attempts, request } = node;
  const { service, timeout_ms } = run.nodes.find(({ id }) => id === node.id) ?? {};
  const namesAt = (positions: readonly number[]): readonly string[] =>
    positions.flatMap((position) => state.byPosition[position]?.id ?? []);
  const message = textOf(node.output, "message");
  const output = textOf(request, "output_file");
  const written = mono(output);
  return (
    <dl className="panel-facts">
      <Fact name="Service">{mono(service?.name ?? textOf(request, "service"))}</Fact>
      <Fact name="Address">{mono(service?.address)}</Fact>
      <Fact name="Image">{mono(textOf(request, "image"))}</Fact>
      <Fact name="Said">{message === undefined ? null : <span className="panel-text">{message}</span>}</Fact>
      <Fact name="Attempts">{attempts.length === 0 ? "none" : attemptWords(attempts.length, barsOf(node, at))}</Fact>
      <Fact name="Timeout">{timeout_ms === undefined ? null : `${formatDuration(timeout_ms)} an attempt`}</Fact>
      <Fact name="Waits for">
        <NodeLinks ids={namesAt(node.upstream)} none="nothing" onSelect={onSelect} />
      </Fact>
      <Fact name="Needed by">
        <NodeLinks ids={namesAt(node.downstream)} none="nothing" onSelect={onSelect} />
      </Fact>
      <Fact name="Reads">{mono(textOf(request, "input_file"))}</Fact>
      <Fact name="Writes">
        {written === null || node.status !== "succeeded" ? (
          written
        ) : (
          <button type="button" className="panel-link panel-clip" onClick={onShowData}>
            {written}
          </button>
        )}
      </Fact>
      <Fact name="Key">{mono(attempts.at(-1)?.idempotencyKey)}</Fact>
    </dl>
  );
}

/** One line of what is known; nothing where it is not. */
function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }): ReactNode {
  if (children === null) return null;
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

/** Names of things, in one line; all of it where the pointer rests. */
function mono(text: string | undefined): ReactNode {
  return text === undefined ? null : (
    <span className="mono panel-clip" title={text}>
      {text}
    </span>
  );
}

/** `4, 170 ms at work, 3.7 s waiting` */
function attemptWords(count: number, bars: readonly Bar[]): string {
  const { workMs, waitMs } = timesOf(bars);
  const waiting = waitMs === 0 ? "" : `, ${formatDuration(waitMs)} waiting`;
  return `${count}, ${formatDuration(workMs)} at work${waiting}`;
}

/** A text of what a node was asked, or has answered; its shape is its kind's own. */
function textOf(value: unknown, key: string): string | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const found = (value as { readonly [key: string]: unknown })[key];
  return typeof found === "string" && found !== "" ? found : undefined;
}
