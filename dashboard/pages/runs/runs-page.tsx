import { type ReactNode, useMemo, useState } from "react";
import type { RunListing } from "../../api/shapes.ts";
import { Command } from "../../parts/command/command.tsx";
import { ProblemNote } from "../../parts/problem.tsx";
import { Skeleton } from "../../parts/skeleton.tsx";
import { setQuery, usePlace } from "../../router.ts";
import { AttentionList } from "./attention-list.tsx";
import { RunsChips, RunsSearch } from "./runs-filter.tsx";
import { isNarrowed, type RunsPlace, readRunsPlace } from "./runs-place.ts";
import { RunsTable } from "./runs-table.tsx";
import { useAttention } from "./use-attention.ts";
import { type Runs, useRuns } from "./use-runs.ts";
import "./runs-page.css";

/** All runs, newest first, and what needs somebody. */
export function RunsPage(): ReactNode {
  const { query } = usePlace();
  const place = useMemo(() => readRunsPlace(query), [query]);
  const runs = useRuns(place);
  const attention = useAttention();
  return (
    <div className="page runs-page">
      <div className="row runs-head">
        <h1>Runs</h1>
        <span className="grow" />
        <RunsSearch text={place.text} />
      </div>
      <RunsChips place={place} />
      <AttentionList found={attention ?? []} />
      <List place={place} runs={runs} />
    </div>
  );
}

function List({ place, runs }: { readonly place: RunsPlace; readonly runs: Runs }): ReactNode {
  const { pages, thrown, isStale, reload, readOn } = runs;
  if (pages === undefined) {
    return thrown === undefined ? <Skeleton height={520} /> : <ProblemNote thrown={thrown} retry={reload} />;
  }
  const shown = pages.runs.filter((run) => hasText(run, place.text));
  return (
    <>
      {thrown === undefined ? null : <ProblemNote thrown={thrown} retry={reload} />}
      <section className="card runs-list" aria-label="All runs" aria-busy={isStale}>
        {shown.length > 0 ? <RunsTable runs={shown} /> : <Nothing isNarrowed={isNarrowed(place)} />}
        {pages.next === undefined ? null : <More readOn={readOn} />}
      </section>
    </>
  );
}

function hasText({ workflow, run_id, error }: RunListing, text: string): boolean {
  const wanted = text.trim().toLowerCase();
  return [workflow, run_id, error?.code, error?.message].some((one) => one?.toLowerCase().includes(wanted));
}

function Nothing({ isNarrowed: isSome }: { readonly isNarrowed: boolean }): ReactNode {
  if (isSome) {
    const all = { q: undefined, status: undefined, workflow: undefined, day: undefined };
    return (
      <div className="runs-nothing">
        <p>No run fits.</p>
        <button type="button" className="button" onClick={() => setQuery(all)}>
          Show all runs
        </button>
      </div>
    );
  }
  return (
    <div className="runs-nothing">
      <p>No run yet. Start one on a workflow's page, or type</p>
      <Command words="run WORKFLOW" />
    </div>
  );
}

function More({ readOn }: { readonly readOn: () => Promise<void> }): ReactNode {
  const [state, setState] = useState<{ readonly isBusy: boolean; readonly thrown?: unknown }>({ isBusy: false });
  const read = (): void => {
    setState({ isBusy: true });
    readOn().then(
      () => setState({ isBusy: false }),
      (thrown: unknown) => setState({ isBusy: false, thrown }),
    );
  };
  return (
    <div className="runs-more">
      {state.thrown === undefined ? null : <ProblemNote thrown={state.thrown} />}
      <button type="button" className="button" disabled={state.isBusy} onClick={read}>
        Show older runs
      </button>
    </div>
  );
}
