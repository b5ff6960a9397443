import { type ReactNode, useEffect, useState } from "react";
import { isTerminalRun } from "../../../src/engine/status.ts";
import { RUN_ID_PATTERN } from "../../../src/kernel/ids.ts";
import { isApiError } from "../../api/client.ts";
import type { RunView } from "../../api/shapes.ts";
import { useTitle } from "../../document/use-title.ts";
import { useLiveness } from "../../live/use-feed.ts";
import { firstInTrouble } from "../../model/not-called.ts";
import type { RunHistory } from "../../model/run-history.ts";
import { NotFound } from "../../parts/not-found.tsx";
import { ProblemNote } from "../../parts/problem.tsx";
import { setQuery, usePlace } from "../../router.ts";
import { EventList } from "./events/event-list.tsx";
import { ExplainLine } from "./explain/explain-line.tsx";
import { RunActions } from "./head/run-actions.tsx";
import { RunHead } from "./head/run-head.tsx";
import { NodePanel } from "./panel/node-panel.tsx";
import { HistoryCard } from "./past/history-card.tsx";
import { PastLine } from "./past/past-line.tsx";
import { TimeSlider } from "./past/time-slider.tsx";
import { usePast } from "./past/use-past.ts";
import { RunGraph } from "./run-graph.tsx";
import { RunSkeleton } from "./run-skeleton.tsx";
import { Timeline } from "./timeline/timeline.tsx";
import type { Span } from "./timeline/zoom.ts";
import { useLiveRun } from "./use-live-run.ts";
import { useNarrow } from "./use-narrow.ts";
import { useRunClock } from "./use-run-clock.ts";
import { useRunKeys } from "./use-run-keys.ts";
import "./run-page.css";

/** So few nodes leave room for the events beside graph and timeline. */
const FEW_NODES = 8;

/** One run: what happens, what failed and why, what it affected, and what to do. */
export function RunPage({ runId }: { readonly runId: string }): ReactNode {
  // What no run can be called is not asked for: the server would say that the question is wrong.
  return RUN_ID_PATTERN.test(runId) ? <KnownRun runId={runId} /> : <NotFound what={`There is no run ${runId}.`} />;
}

function KnownRun({ runId }: { readonly runId: string }): ReactNode {
  const { run, history, revision, thrown, reload } = useLiveRun(runId);
  if (isApiError(thrown) && thrown.problem.code === "RUN_NOT_FOUND") {
    return (
      <NotFound
        what={
          run === undefined
            ? `There is no run ${runId}. It may have been deleted.`
            : `Run ${runId} was deleted while you looked at it.`
        }
      />
    );
  }
  if (run === undefined || history === undefined) {
    return thrown === undefined ? (
      <RunSkeleton />
    ) : (
      <div className="page">
        <ProblemNote thrown={thrown} retry={reload} />
      </div>
    );
  }
  return (
    <ShownRun run={run} history={history} revision={revision}>
      {isApiError(thrown) ? <ProblemNote thrown={thrown} retry={reload} /> : null}
    </ShownRun>
  );
}

interface ShownRunProps {
  readonly run: RunView;
  readonly history: RunHistory;
  readonly revision: number;
  readonly children: ReactNode;
}

function ShownRun({ run, history, revision, children }: ShownRunProps): ReactNode {
  const { events, instants } = history;
  const past = usePast(history);
  const present = history.stateAt(events.length);
  const state = past.isPast ? history.stateAt(past.count) : present;
  const goesOn = !isTerminalRun(present.status) && run.owner?.alive !== false;
  // Nobody knows what happens while the server does not answer.
  const isLost = useLiveness().state === "lost";
  const now = useRunClock(goesOn && !isLost);
  // A past state does not change with what happens now; of another instant it is another one.
  const shownRevision = past.isPast ? -past.count : revision;
  const from = Date.parse(run.created_at);
  const last = instants.at(-1) ?? from;
  const until = Math.max(from + 1, goesOn ? Math.max(now, last) : last);
  const at = past.isPast ? (instants[past.count - 1] ?? from) : until;
  const selected = useSelectedNode(run, history);
  const [part, setPart] = useState<Span>();
  const isNarrow = useNarrow();
  const isFew = run.nodes.length <= FEW_NODES;
  useRunKeys({ state, past, selected, onSelect: selectNode, onClose: closePanel });
  useTitle(`${state.status}: ${run.workflow}`);
  const eventList = <EventList history={history} past={past} selected={selected} onSelect={selectNode} />;
  const body = (
    <div key="body" className={`run-body${isFew ? " run-few" : ""}`}>
      <RunGraph
        run={run}
        state={state}
        revision={shownRevision}
        selected={selected}
        onSelect={(id) => (id === undefined ? closePanel() : selectNode(id))}
      />
      <HistoryCard
        timeline={
          <Timeline
            state={state}
            from={from}
            until={until}
            zoomed={{ part, setPart }}
            at={at}
            revision={shownRevision}
            selected={selected}
            onSelect={selectNode}
          />
        }
        events={isFew ? undefined : eventList}
        slider={
          <TimeSlider history={history} view={part ?? { from, until }} until={until} revision={revision} past={past} />
        }
      />
      {isFew ? (
        <section className="card run-events" aria-label="Events">
          {eventList}
        </section>
      ) : null}
    </div>
  );
  const panel =
    selected === undefined ? null : (
      <NodePanel
        key="panel"
        run={run}
        state={state}
        nodeId={selected}
        at={at}
        isPast={past.isPast}
        revision={shownRevision}
        onSelect={selectNode}
        onClose={closePanel}
      />
    );
  return (
    <div className="run">
      <RunHead run={run} state={state} at={at} isPast={past.isPast} isLost={isLost}>
        <RunActions run={run} present={present} isPast={past.isPast} selected={selected} />
      </RunHead>
      {children}
      {past.isPast ? <PastLine run={run} history={history} past={past} /> : <ExplainLine run={run} state={state} />}
      <div className={`run-main${selected === undefined ? "" : " run-with-panel"}`}>
        {isNarrow ? [panel, body] : [body, panel]}
      </div>
    </div>
  );
}

/** The node of the address; of a run that is opened without one, the first that failed or could not be called. */
function useSelectedNode(run: RunView, history: RunHistory): string | undefined {
  const inAddress = usePlace().query.get("node") ?? undefined;
  const [opened] = useState(() => firstInTrouble(run.nodes, history.stateAt(history.events.length)));
  useEffect(() => {
    if (!new URLSearchParams(location.search).has("node") && opened !== undefined) setQuery({ node: opened });
  }, [opened]);
  // The panel is there from the beginning: nothing moves when the address follows.
  const wanted = inAddress ?? opened;
  return run.nodes.some(({ id }) => id === wanted) ? wanted : undefined;
}

function selectNode(node: string): void {
  setQuery({ node });
}

/** Empty, and not left out: an address without it opens on the first failed node. */
function closePanel(): void {
  setQuery({ node: "" });
}
