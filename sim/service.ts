import type { AttemptKey } from "../src/ports/attempt-key.ts";
import type { Attempt, Outcome } from "../src/ports/executor.ts";
import type { Call, Check, Kind, NodePlan, Plan } from "./plan.ts";
import { RETRIABLE } from "./workflows.ts";
import type { World } from "./world.ts";

/** Work of an attempt at the far end of a call: it goes on whatever becomes of the process that asked for it. */
export interface Work {
  readonly kind: Kind;
  readonly attempt: Pick<Attempt, "runId" | "nodeId" | "attempt">;
  readonly call: Call;
  /** Undefined while it is going on. */
  readonly outcome: Outcome | undefined;
  /** Calls back when the work has ended by itself; at once if it has. */
  whenEnded(told: (outcome: Outcome) => void): void;
}

/** Who does the work: services and containers of all runs. */
export interface FarEnd {
  /** How the next call of this node goes. */
  nextCall(attempt: Pick<Attempt, "runId" | "nodeId">): Call;
  nextRecovery(attempt: Pick<Attempt, "runId" | "nodeId">): NodePlan["recoveries"][number];
  nextCheck(runId: string): Check;
  begin(kind: Kind, attempt: Attempt, call: Call): Work;
  find(attempt: Pick<Attempt, "runId" | "nodeId" | "attempt">): Work | undefined;
  /** Work of a node that is going on. */
  atWork(runId: string, nodeId: string): readonly Work[];
  /** Ends the work, or forgets what is left of it. */
  remove(work: Work): void;
  sweep(kind: Kind, runId: string, spared: readonly AttemptKey[]): void;
  /** From now on everything goes well. */
  heal(): void;
  readonly isHealed: boolean;
}

export const SUCCEEDED: Outcome = { outcome: "succeeded", output: { message: "done" } };
const SOON: Call = { kind: "succeed", afterMs: 1 };
const FINE: Check = { kind: "ok", afterMs: 0 };

export function createFarEnd(world: World, plan: Plan): FarEnd {
  const nodes = new Map(plan.runs.flatMap((run) => run.nodes.map((node) => [`${run.id}/${node.id}`, node] as const)));
  const checks = new Map(plan.runs.map((run) => [run.id, run.preflights]));
  const counts = new Map<string, number>();
  const works = new Map<string, Work>();
  let isHealed = false;

  function next<T>(what: string, values: readonly T[], otherwise: T): T {
    const count = counts.get(what) ?? 0;
    counts.set(what, count + 1);
    return (isHealed ? undefined : values[count]) ?? otherwise;
  }

  return {
    nextCall: ({ runId, nodeId }) =>
      next(`call/${runId}/${nodeId}`, nodes.get(`${runId}/${nodeId}`)?.calls ?? [], SOON),
    nextRecovery: ({ runId, nodeId }) =>
      next(`recover/${runId}/${nodeId}`, nodes.get(`${runId}/${nodeId}`)?.recoveries ?? [], "truth"),
    nextCheck: (runId) => next(`check/${runId}`, checks.get(runId) ?? [], FINE),
    begin(kind, attempt, call) {
      const told: ((outcome: Outcome) => void)[] = [];
      const work = {
        kind,
        attempt,
        call,
        outcome: undefined as Outcome | undefined,
        whenEnded(tell: (outcome: Outcome) => void) {
          if (work.outcome !== undefined) tell(work.outcome);
          else told.push(tell);
        },
      };
      works.set(keyOf(attempt), work);
      const outcome = outcomeOf(call);
      if (outcome !== undefined && "afterMs" in call) {
        world.after(call.afterMs, undefined, () => {
          if (works.get(keyOf(attempt)) !== work) return;
          world.progress();
          work.outcome = outcome;
          for (const tell of told) tell(outcome);
        });
      }
      return work;
    },
    find: (attempt) => works.get(keyOf(attempt)),
    atWork: (runId, nodeId) =>
      [...works.values()].filter(
        ({ attempt, outcome }) => attempt.runId === runId && attempt.nodeId === nodeId && outcome === undefined,
      ),
    remove(work) {
      if (works.get(keyOf(work.attempt)) === work) works.delete(keyOf(work.attempt));
    },
    sweep(kind, runId, spared) {
      for (const [key, work] of works) {
        const { attempt } = work;
        const isSpared = spared.some((one) => one.nodeId === attempt.nodeId && one.attempt === attempt.attempt);
        if (work.kind === kind && attempt.runId === runId && !isSpared) works.delete(key);
      }
    },
    get isHealed() {
      return isHealed;
    },
    heal() {
      isHealed = true;
    },
  };
}

function keyOf({ runId, nodeId, attempt }: Pick<Attempt, "runId" | "nodeId" | "attempt">): string {
  return `${runId}/${nodeId}/${attempt}`;
}

/** Undefined for work that never ends by itself. */
function outcomeOf(call: Call): Outcome | undefined {
  if (call.kind === "succeed" || call.kind === "stubborn") return SUCCEEDED;
  if (call.kind !== "fail") return undefined;
  const status = call.retriable ? RETRIABLE : "INVALID_ARGUMENT";
  const code = call.retriable ? "CALL_UNAVAILABLE" : "NODE_REPORTED_FAILURE";
  const error = { code, message: "it went wrong", status } as const;
  return { outcome: "failed", error, ...(call.pushback === undefined ? {} : { pushback: call.pushback }) };
}
