import type { Outcome } from "../../../src/engine/outcome.ts";
import type { Executor } from "../../../src/ports/executor.ts";
import { runIdOf, serviceOf, type Trial } from "./trial.ts";

/** An executor whose attempts end as their trial says; those of a gated one when they are told to. */
export interface Stage {
  readonly executor: Executor;
  add(trial: Trial): void;
  /** `node/attempt` of those of a run that have not ended, sorted. */
  outstanding(runId: string): readonly string[];
  end(runId: string, place: string): void;
  /** What the executor was asked of a run: `key attempt`, sorted; twice what was made twice. */
  made(runId: string): readonly string[];
}

/** The most runs of a trial. */
const MOST_RUNS = 4;

export function createStage(): Stage {
  const trials = new Map<string, Trial>();
  const runs = new Map<string, { readonly open: Map<string, () => void>; readonly made: string[] }>();
  const runOf = (runId: string) => {
    const run = runs.get(runId) ?? { open: new Map<string, () => void>(), made: [] };
    runs.set(runId, run);
    return run;
  };

  const executor: Executor = {
    async execute({ runId, nodeId, attempt, idempotencyKey }, signal) {
      const trial = trials.get(runId);
      if (trial === undefined) throw new Error(`no trial has the run ${runId}`);
      const run = runOf(runId);
      const place = `${nodeId}/${attempt}`;
      run.made.push(`${idempotencyKey} ${attempt}`);
      const outcome = trial.outcomeOf(runId, nodeId, attempt);
      const aborted = trial.heedsAbort(nodeId, attempt) ? CANCELLED : outcome;
      const ended = new Promise<Outcome>((resolve) => {
        run.open.set(place, () => resolve(outcome));
        signal.addEventListener("abort", () => resolve(aborted), { once: true });
        if (!trial.isGated) setImmediate(resolve, outcome);
      });
      return ended.finally(() => run.open.delete(place));
    },
    async preflight({ services }) {
      const [service = { name: "" }] = services;
      const trial = trials.get(service.name);
      if (trial?.preflight !== "error" && trial?.preflight !== "warning") return [];
      const { preflight: severity } = trial;
      return [{ severity, code: "SERVICE_UNREACHABLE", service: service.name, message: "not there" }];
    },
  };
  return {
    executor,
    add(trial) {
      trials.set(serviceOf(trial.seed), trial);
      for (let n = 1; n <= MOST_RUNS; n += 1) trials.set(runIdOf(trial.seed, n), trial);
    },
    outstanding: (runId) => [...runOf(runId).open.keys()].toSorted(),
    end: (runId, place) => runOf(runId).open.get(place)?.(),
    made: (runId) => runOf(runId).made.toSorted(),
  };
}

const CANCELLED: Outcome = { outcome: "cancelled", error: { code: "NODE_CANCELLED", message: "cancelled" } };
