import { isTerminalEvent } from "../src/engine/events.ts";
import type { RequestRecord } from "../src/ports/requests.ts";
import type { RunLogs } from "../src/ports/run-logs.ts";
import type { FeedModel } from "./feed-model.ts";
import type { Disk } from "./journal.ts";
import type { Model, RunModel } from "./model.ts";
import type { Process, World } from "./world.ts";

/** What must hold of runs that are pruned, and of all others (J12). */
export interface Pruning {
  onRequest(request: RequestRecord): void;
  /** @param at the wall clock's reading with which it was asked to go */
  onPruned(runId: string, at: string): void;
  /** What is kept of containers, as a process sees it. */
  logsFor(process: Process): Pick<RunLogs, "remove" | "size">;
  /** The store has what was written, but for what was pruned, and nothing else. */
  check(): void;
}

/** A living owner may still be telling of an end that it wrote so short a time ago. */
const FRESH_MS = 10_000;

export function createPruning(world: World, disk: Disk, model: Model, feed: FeedModel): Pruning {
  const { store } = disk;
  const requests = new Map<number, RequestRecord>();
  const check = (holds: boolean, message: () => string): void => {
    if (!holds) world.fail("J12", message());
  };
  const runOf = (runId: string): RunModel | undefined => model.runs.get(runId);

  function checkMayGo(runId: string, run: RunModel, at: string): void {
    check(run.ended !== undefined, () => `${runId} is pruned, and has not ended`);
    check(!run.isPruned, () => `${runId} is pruned twice`);
    if (!run.owner.holdsLock) return;
    const end = run.history.findLast(isTerminalEvent);
    const sinceMs = Date.parse(at) - Date.parse(end?.at ?? "");
    check(Math.abs(sinceMs) >= FRESH_MS, () => `${runId} is pruned ${sinceMs} ms after its end`);
  }

  function checkRun(runId: string, run: RunModel): void {
    const stored = store.runs.get(runId);
    const tombstone = store.tombstones.get(runId);
    if (run.isPruned) {
      check(stored === undefined && tombstone !== undefined, () => `${runId} is pruned, and not gone`);
      return;
    }
    const texts = run.history.map((event) => JSON.stringify(event));
    check(String(stored?.events) === String(texts), () => `the history of ${runId} is not whole`);
    check(disk.logs.has(runId), () => `the logs of ${runId} are gone`);
  }

  return {
    onRequest: (request) => void requests.set(request.id, request),
    onPruned(runId, at) {
      const run = runOf(runId);
      check(run !== undefined, () => `${runId} is pruned, and never was`);
      if (run === undefined) return;
      checkMayGo(runId, run, at);
      run.isPruned = true;
      feed.onPruned(runId);
      this.check();
    },
    logsFor: (process) => ({
      size: async () => 0,
      async remove(runId) {
        await new Promise<void>((resolve) => world.after(process.draw.between(0, 20), process, resolve));
        check(runOf(runId)?.isPruned === true, () => `the logs of ${runId} go before it`);
        disk.logs.delete(runId);
      },
    }),
    check() {
      const all = [...model.runs];
      for (const [runId, run] of all) checkRun(runId, run);
      const left = all.filter(([, run]) => !run.isPruned);
      check(store.runs.size === left.length, () => `${store.runs.size} runs are stored, ${left.length} should be`);
      const gone = all.length - left.length;
      check(store.tombstones.size === gone, () => `${store.tombstones.size} tombstones are there of ${gone} runs`);
      const asked = [...requests.values()].filter(({ runId }) => runOf(runId)?.isPruned !== true).map(({ id }) => id);
      check(
        String([...store.requests.keys()]) === String(asked),
        () => `requests ${[...store.requests.keys()]} are stored, ${asked} should be`,
      );
      const needed = new Set(left.flatMap(([, run]) => run.history.flatMap(hashOf)));
      const hashes = new Set(store.definitions.keys());
      check(needed.isSubsetOf(hashes), () => "a workflow is gone that a run needs");
      check(hashes.isSubsetOf(needed), () => "a workflow is left that no run needs");
    },
  };
}

function hashOf(event: RunModel["history"][number]): string | readonly [] {
  return event.type === "run.created" || event.type === "run.resumed" ? event.definition_hash : [];
}
