import { type ReactNode, useEffect, useMemo } from "react";
import { RUN_ID_PATTERN } from "../../../src/kernel/ids.ts";
import { isApiError } from "../../api/client.ts";
import type { RunView } from "../../api/shapes.ts";
import { useTitle } from "../../document/use-title.ts";
import { compareRuns, summarizeComparison } from "../../model/compare-runs.ts";
import { Link } from "../../parts/link.tsx";
import { NotFound } from "../../parts/not-found.tsx";
import { ProblemNote } from "../../parts/problem.tsx";
import { PageSkeleton } from "../../parts/skeleton.tsx";
import { setQuery, usePlace, workflowPath } from "../../router.ts";
import { chooseOther } from "./choose-other.ts";
import { DefinitionDiff } from "./definition-diff.tsx";
import { NodeTable } from "./node-table.tsx";
import { ParamTable } from "./param-table.tsx";
import { RunPicker, useRecentRuns } from "./run-picker.tsx";
import { RunSide } from "./run-side.tsx";
import { useComparedRun } from "./use-compared-run.ts";
import "./compare-page.css";

/** Two runs side by side: `/compare?a=RUN&b=RUN`. */
export function ComparePage(): ReactNode {
  const { query } = usePlace();
  const [a, b] = [query.get("a") || undefined, query.get("b") || undefined];
  useTitle("Compare");
  const nobody = [a, b].find((runId) => runId !== undefined && !RUN_ID_PATTERN.test(runId));
  if (nobody !== undefined) return <NotFound what={`There is no run ${nobody}.`} />;
  if (a !== undefined && b !== undefined) return <TwoRuns key={`${a} ${b}`} a={a} b={b} />;
  const one = a ?? b;
  return one === undefined ? <NoRuns /> : <OneRun key={one} runId={one} />;
}

function NoRuns(): ReactNode {
  return (
    <div className="page">
      <h1>Compare</h1>
      <p>Which run is to be compared? The one to compare it with can be chosen then.</p>
      <RunPicker label="Run" workflow={undefined} runId={undefined} onPick={(a) => setQuery({ a })} />
    </div>
  );
}

/** Chooses the other one. */
function OneRun({ runId }: { readonly runId: string }): ReactNode {
  const { value: run, thrown, reload } = useComparedRun(runId);
  if (thrown !== undefined) return <Problem thrown={thrown} retry={reload} />;
  return run === undefined ? <PageSkeleton /> : <Other run={run} />;
}

function Other({ run }: { readonly run: RunView }): ReactNode {
  const { value: others, thrown, reload } = useRecentRuns(run.workflow);
  const chosen = useMemo(() => (others === undefined ? undefined : chooseOther(run, others)), [run, others]);
  useEffect(() => {
    if (chosen !== undefined) setQuery({ ...chosen });
  }, [chosen]);
  if (thrown !== undefined) return <Problem thrown={thrown} retry={reload} />;
  if (others === undefined || chosen !== undefined) return <PageSkeleton />;
  return (
    <div className="page">
      <h1>Compare</h1>
      <p>
        There is no other run of {run.workflow} yet. <Link to={workflowPath(run.workflow)}>Start one</Link>, and compare
        them then.
      </p>
    </div>
  );
}

function TwoRuns(props: { readonly a: string; readonly b: string }): ReactNode {
  const [a, b] = [useComparedRun(props.a), useComparedRun(props.b)];
  const thrown = [a, b].find((side) => side.value === undefined || isGone(side.thrown))?.thrown;
  if (thrown !== undefined) {
    const retry = (): void => {
      a.reload();
      b.reload();
    };
    return <Problem thrown={thrown} retry={retry} />;
  }
  if (a.value === undefined || b.value === undefined) return <PageSkeleton />;
  return <Compared a={a.value} b={b.value} />;
}

/** It was deleted while it was looked at: no older answer stands for it. */
function isGone(thrown: unknown): boolean {
  return isApiError(thrown) && thrown.problem.code === "RUN_NOT_FOUND";
}

function Compared({ a, b }: { readonly a: RunView; readonly b: RunView }): ReactNode {
  const comparison = useMemo(() => compareRuns(a, b), [a, b]);
  const title = a.workflow === b.workflow ? a.workflow : `${a.workflow} and ${b.workflow}`;
  return (
    <div className="page">
      <div className="row compare-head">
        <h1 className="grow">Compare runs of {title}</h1>
        <button type="button" className="button" onClick={() => setQuery({ a: b.run_id, b: a.run_id })}>
          Swap A and B
        </button>
      </div>
      <div className="compare-sides">
        <RunSide side="a" run={a} />
        <RunSide side="b" run={b} />
      </div>
      <p className="compare-summary">
        {a.run_id === b.run_id
          ? "This is one run on both sides: choose another one."
          : summarizeComparison(a, b, comparison).join(" ")}
      </p>
      <NodeTable pairs={comparison.nodes} a={a.run_id} b={b.run_id} />
      <ParamTable params={comparison.params} same={comparison.sameParams} />
      <DefinitionDiff a={a} b={b} />
    </div>
  );
}

function Problem(props: { readonly thrown: unknown; readonly retry: () => void }): ReactNode {
  return (
    <div className="page">
      <h1>Compare</h1>
      <ProblemNote {...props} />
    </div>
  );
}
