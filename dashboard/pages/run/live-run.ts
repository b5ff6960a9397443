// One run as its page shows it: what is recorded is read once, what happens later comes with the feed and is folded in.
// The run itself is asked for anew only where the feed cannot tell (who drives it, why it waits, that it was deleted),
// and not often.
import type { RunEvent } from "../../../src/engine/events.ts";
import type { FeedItem } from "../../../src/ports/feed.ts";
import { type ApiClient, isApiError } from "../../api/client.ts";
import type { RunView } from "../../api/shapes.ts";
import { createRunHistory, type RunHistory } from "../../model/run-history.ts";

/** What is known of the run. */
export interface LiveRunSnapshot {
  /** As it was asked for last; its events may be further. Undefined until it is there. */
  readonly run?: RunView;
  readonly history?: RunHistory;
  /** One more whenever something has changed. */
  readonly revision: number;
  /** Why it cannot be shown, or was not shown anew. */
  readonly thrown?: unknown;
}

export interface LiveRun {
  snapshot(): LiveRunSnapshot;
  /** Told whenever the snapshot is another one. */
  subscribe(listener: () => void): () => void;
  hear(item: FeedItem): void;
  /** Reads all of it anew. */
  reload(): void;
  /** Begins to read. @returns what ends it */
  open(): () => void;
  /**
   * Asks about what no event tells: that an owner has died, a queue has moved on, or the run was deleted. What could not
   * be read is read.
   */
  look(): void;
}

/** Events come in bursts: what they change is shown so often at most. */
const SHOW_MS = 80;
/** Why a run stands where it stands is asked so often at most while its events come. */
const EXPLAIN_MS = 1_000;

export function createLiveRun(api: ApiClient, runId: string): LiveRun {
  const path = { run_id: runId };
  const listeners = new Set<() => void>();
  let shown: LiveRunSnapshot = { revision: 0 };
  /** What came with the feed while the run was being read. */
  let early: RunEvent[] = [];
  let ended = new AbortController();
  let isReading = false;
  /** Somebody wanted it read while it was: what the server has answered by then may be older than what he knows of. */
  let isWanted = false;
  let showTimer: ReturnType<typeof setTimeout> | undefined;
  let askTimer: ReturnType<typeof setTimeout> | undefined;
  let askedAt = 0;

  function become(change: Partial<LiveRunSnapshot>): void {
    shown = { ...shown, ...change, revision: shown.revision + 1 };
    for (const listener of listeners) listener();
  }

  /** An id that is gone is not used again. */
  function isDeleted(): boolean {
    const { run, thrown } = shown;
    return run !== undefined && isApiError(thrown) && thrown.problem.code === "RUN_NOT_FOUND";
  }

  /** All of it, or what follows what is there already. */
  async function read(from: "start" | "end"): Promise<void> {
    isWanted = isReading;
    if (isReading) return;
    isReading = true;
    const { signal } = ended;
    try {
      const run = await api.call("get", "/api/v1/runs/{run_id}", { path, signal });
      // Of another definition, what happened stands on other nodes.
      const { history: before } = shown;
      const isSame = from === "end" && before !== undefined && shown.run?.definition_hash === run.definition_hash;
      const after = isSame ? (before.events.at(-1)?.seq ?? 0) : 0;
      const events = await readEvents(after, signal);
      if (signal.aborted) return;
      const history = isSame ? before : createRunHistory(run, []);
      for (const event of [...events, ...early.toSorted((a, b) => a.seq - b.seq)]) {
        if (!history.add(event)) isWanted = true;
      }
      isWanted ||= early.some((event) => isOfAnother(event, run.definition_hash));
      early = [];
      isReading = false;
      become({ run, history, thrown: undefined });
    } catch (thrown) {
      if (!signal.aborted) become({ thrown });
    } finally {
      if (ended.signal === signal) isReading = false;
    }
    if (isWanted && !signal.aborted) return read("end");
  }

  async function readEvents(after: number, signal: AbortSignal): Promise<readonly RunEvent[]> {
    const all: RunEvent[] = [];
    for (let from: number | undefined = after; from !== undefined; ) {
      const page: { readonly events: readonly unknown[]; readonly next?: number } = await api.call(
        "get",
        "/api/v1/runs/{run_id}/events",
        { path, query: { after: from }, signal },
      );
      all.push(...(page.events as readonly RunEvent[]));
      from = page.next;
    }
    return all;
  }

  /** In a moment, together with what comes until then. */
  function show(): void {
    showTimer ??= setTimeout(() => {
      showTimer = undefined;
      become({});
    }, SHOW_MS);
  }

  function askAnew(): void {
    askTimer ??= setTimeout(
      () => {
        askTimer = undefined;
        askedAt = performance.now();
        explain().catch((thrown: unknown) => {
          if (!ended.signal.aborted) become({ thrown });
        });
      },
      Math.max(0, askedAt + EXPLAIN_MS - performance.now()),
    );
  }

  async function explain(): Promise<void> {
    if (shown.history === undefined) return isReading ? undefined : read("start");
    const { signal } = ended;
    const explanation = await api.call("get", "/api/v1/runs/{run_id}/explain", { path, signal });
    const { run, history } = shown;
    if (run === undefined || history === undefined || signal.aborted) return;
    const { kind } = explanation.reason;
    // These name the owner, and the end of a run is the last that is heard of it: then all of it is asked for.
    if (kind !== run.explanation.reason.kind && (kind === "ended" || kind === "interrupted" || kind === "left")) {
      return read("end");
    }
    // Nothing is to be drawn anew.
    if (kind === "ended" && shown.thrown === undefined) return;
    become({ run: { ...run, explanation }, thrown: undefined });
  }

  function add(event: RunEvent): void {
    const { history } = shown;
    if (history === undefined || isReading) {
      early.push(event);
      // It was not there, or the server was not, when it was read.
      if (!isReading) read("start");
      return;
    }
    if (!history.add(event)) {
      early.push(event);
      read("end");
      return;
    }
    show();
    // Another owner, and perhaps another definition.
    if (event.type === "run.resumed") read("end");
    else askAnew();
  }

  function reload(): void {
    ended.abort();
    ended = new AbortController();
    isReading = false;
    isWanted = false;
    early = [];
    read("start");
  }

  return {
    snapshot: () => shown,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    hear(item) {
      if (item.kind === "event") {
        if (item.event.run_id === runId) add(item.event);
      } else if (item.kind === "now") read("end");
      else reload();
    },
    reload,
    open() {
      reload();
      return () => {
        ended.abort();
        clearTimeout(showTimer);
        clearTimeout(askTimer);
        showTimer = undefined;
        askTimer = undefined;
      };
    },
    look() {
      if (!isDeleted()) askAnew();
    },
  };
}

function isOfAnother(event: RunEvent, definitionHash: string): boolean {
  return event.type === "run.resumed" && event.definition_hash !== definitionHash;
}

/** How the run stands now. */
export function stateOf(history: RunHistory): ReturnType<RunHistory["stateAt"]> {
  return history.stateAt(history.events.length);
}
