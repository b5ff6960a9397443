import { type ReactNode, useMemo, useState } from "react";
import { Command } from "../../parts/command/command.tsx";
import { ProblemNote } from "../../parts/problem.tsx";
import { Skeleton } from "../../parts/skeleton.tsx";
import { setQuery, usePlace } from "../../router.ts";
import { AttentionList } from "./attention-list.tsx";
import type { RunPages } from "./run-pages.ts";
import { RunsChips, RunsSearch } from "./runs-filter.tsx";
import { isNarrowed, type RunsPlace, readRunsPlace } from "./runs-place.ts";
import { RunsTable } from "./runs-table.tsx";
import { useAttention } from "./use-attention.ts";
import { useRunCounts } from "./use-run-counts.ts";
import { type Runs, useRuns } from "./use-runs.ts";
import { useSettled } from "./use-settled.ts";
import "./runs-page.css";

/** As high as eight runs, in pixels. */
const ROWS_HEIGHT = 520;

/** So long after a key the next one may come. */
const TYPING_MS = 200;

/** All runs, newest first, and what needs somebody. */
export function RunsPage(): ReactNode {
  const { query } = usePlace();
  const place = useMemo(() => readRunsPlace(query), [query]);
  const text = useSettled(place.text, TYPING_MS);
  const runs = useRuns({ ...place, text });
  const attention = useAttention();
  const counts = useRunCounts();
  return (
    <div className="page runs-page">
      <div className="row runs-head">
        <h1>Runs</h1>
        <span className="grow" />
        <RunsSearch text={place.text} />
      </div>
      <RunsChips place={place} counts={counts} />
      {attention === undefined ? (
        <ListSkeleton />
      ) : (
        <>
          <AttentionList found={attention} />
          <List place={place} runs={runs} />
        </>
      )}
    </div>
  );
}

function List({ place, runs }: { readonly place: RunsPlace; readonly runs: Runs }): ReactNode {
  const { pages, thrown, isStale, reload, readOn } = runs;
  if (pages === undefined) {
    return thrown === undefined ? <ListSkeleton /> : <ProblemNote thrown={thrown} retry={reload} />;
  }
  if (isStale && pages.runs.length === 0) return <ListSkeleton />;
  return (
    <>
      {thrown === undefined ? null : <ProblemNote thrown={thrown} retry={reload} />}
      <DamagedRuns damaged={pages.damaged} />
      <section className="card runs-list" aria-label="All runs" aria-busy={isStale}>
        {pages.runs.length > 0 ? <RunsTable runs={pages.runs} /> : <Nothing isNarrowed={isNarrowed(place)} />}
        {pages.next === undefined ? null : <More readOn={readOn} />}
      </section>
    </>
  );
}

function ListSkeleton(): ReactNode {
  return (
    <div role="status" aria-label="Loading">
      <Skeleton height={ROWS_HEIGHT} />
    </div>
  );
}

/** Runs that cannot be shown, each with what is wrong with it. */
function DamagedRuns({ damaged }: Pick<RunPages, "damaged">): ReactNode {
  const [first] = damaged;
  if (first === undefined) return null;
  return (
    <div className="runs-damaged" role="alert">
      <p>
        <b>{damaged.length === 1 ? "A run cannot be shown" : `${damaged.length} runs cannot be shown`}</b>, and{" "}
        <Command words="doctor" /> says more.
      </p>
      <ul>
        {damaged.map(({ code, message }) => (
          <li key={message}>
            {message} <code>{code}</code>
          </li>
        ))}
      </ul>
    </div>
  );
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
