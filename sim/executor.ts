import type { Finding } from "../src/engine/finding.ts";
import { type Attempt, type Executor, LEAVE, type Outcome } from "../src/ports/executor.ts";
import type { Abilities, Kind } from "./plan.ts";
import { type FarEnd, SUCCEEDED, type Work } from "./service.ts";
import type { Process, World } from "./world.ts";

export type Found = "running" | "outcome" | "gone" | "rejected";

/** What is told of the calls, by the process that makes them. */
export interface CallWatcher {
  onExecute(process: Process, kind: Kind, attempt: Attempt): void;
  onCallEnd(process: Process, attempt: Attempt): void;
  onRecovered(process: Process, attempt: Attempt, found: Found): void;
  onRelease(process: Process, attempt: Attempt): void;
  onSweep(process: Process, kind: Kind, runId: string, outstanding: readonly string[]): void;
  onSwept(process: Process, kind: Kind, runId: string): void;
  /** A preflight begins, or ends however. */
  onPreflight(process: Process, runId: string, isUnderWay: boolean): void;
  onBrokenPreflight(runId: string): void;
}

export interface SimExecutorOptions {
  readonly world: World;
  readonly process: Process;
  readonly farEnd: FarEnd;
  readonly kind: Kind;
  readonly abilities: Abilities;
  readonly watcher: CallWatcher;
}

const CANCELLED: Outcome = { outcome: "cancelled", error: { code: "NODE_CANCELLED", message: "it was cancelled" } };
const TIMED_OUT: Outcome = {
  outcome: "timed_out",
  error: { code: "NODE_TIMED_OUT", message: "it took too long", status: "DEADLINE_EXCEEDED" },
};

/** An executor that calls the simulated far end, with the abilities that the plan gives its kind. */
export function createSimExecutor({ world, process, farEnd, kind, abilities, watcher }: SimExecutorOptions): Executor {
  const { draw } = process;
  const soonMs = (): number => (draw.chance(0.6) ? 0 : draw.between(0, 20));

  /** Follows work to its end, or to ours: an abort or a timeout (X3). */
  function follow(work: Work, attempt: Attempt, signal: AbortSignal): Promise<Outcome> {
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    let isOver = false;
    const end = (afterMs: number, outcome: Outcome): void => {
      if (isOver) return;
      isOver = true;
      cancelTimeout();
      world.after(afterMs, process, () => {
        world.progress();
        world.note(`${process.name} ${attempt.runId} ${attempt.nodeId}#${attempt.attempt} ${outcome.outcome}`);
        resolve(outcome);
      });
    };
    const cancelTimeout = world.after(attempt.timeoutMs, process, () => {
      if (isOver) return;
      farEnd.remove(work);
      end(soonMs(), TIMED_OUT);
    });
    const abort = (): void => {
      if (isOver) return;
      if (signal.reason === LEAVE && abilities.recover) return end(soonMs(), CANCELLED);
      farEnd.remove(work);
      const { call } = work;
      if (call.kind === "hang") end(call.abortMs, CANCELLED);
      else if (call.kind === "stubborn") end(call.abortMs, SUCCEEDED);
      else end(soonMs(), CANCELLED);
    };
    // What ended in another status still has to come over the wire.
    work.whenEnded((outcome) => world.after(0, process, () => end(soonMs(), outcome)));
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
    return promise;
  }

  function execute(attempt: Attempt, signal: AbortSignal): Promise<Outcome> {
    watcher.onExecute(process, kind, attempt);
    world.progress();
    const call = farEnd.nextCall(attempt);
    world.note(`${process.name} ${attempt.runId} ${attempt.nodeId}#${attempt.attempt} is called: ${call.kind}`);
    const ended = (): void => watcher.onCallEnd(process, attempt);
    if (call.kind === "throw") {
      ended();
      throw new Error("the executor throws");
    }
    if (call.kind === "reject") {
      return new Promise((_, reject) => {
        world.after(call.afterMs, process, () => {
          ended();
          reject(new Error("the executor rejects"));
        });
      });
    }
    return follow(farEnd.begin(kind, attempt, call), attempt, signal).finally(ended);
  }

  const recover: Executor["recover"] = (attempt, signal) =>
    new Promise((resolve, reject) => {
      world.after(soonMs(), process, () => {
        const how = farEnd.nextRecovery(attempt);
        const work = farEnd.find(attempt);
        if (how === "reject") {
          watcher.onRecovered(process, attempt, "rejected");
          return reject(new Error("the executor rejects"));
        }
        if (how === "gone" && work !== undefined) farEnd.remove(work);
        const found =
          how === "gone" || work === undefined ? "gone" : work.outcome === undefined ? "running" : "outcome";
        world.note(`${process.name} ${attempt.runId} ${attempt.nodeId}#${attempt.attempt} is ${found}`);
        watcher.onRecovered(process, attempt, found);
        if (found === "gone" || work === undefined) resolve({ found: "gone" });
        else if (work.outcome !== undefined) resolve({ found: "outcome", outcome: work.outcome });
        else resolve({ found: "running", outcome: follow(work, attempt, signal) });
      });
    });

  const sweep: Executor["sweep"] = (runId, outstanding) => {
    watcher.onSweep(
      process,
      kind,
      runId,
      outstanding.map((one) => `${one.nodeId}#${one.attempt}`),
    );
    return new Promise((resolve) => {
      world.after(!farEnd.isHealed && draw.chance(0.1) ? draw.between(0, 2000) : soonMs(), process, () => {
        farEnd.sweep(kind, runId, outstanding);
        watcher.onSwept(process, kind, runId);
        resolve();
      });
    });
  };

  const release: Executor["release"] = (attempt) => {
    watcher.onRelease(process, attempt);
    const work = farEnd.find(attempt);
    if (work !== undefined) farEnd.remove(work);
  };

  const preflight: Executor["preflight"] = ({ services, nodes }, { timeoutMs }, signal) =>
    new Promise((resolve, reject) => {
      const runId = runOfNeeds(services[0]?.name ?? nodes[0]?.nodeId ?? "");
      const check = farEnd.nextCheck(runId);
      world.note(`${process.name} ${runId} preflight of ${kind}: ${check.kind}`);
      watcher.onPreflight(process, runId, true);
      const abort = (): void => {
        watcher.onPreflight(process, runId, false);
        reject(signal.reason);
      };
      if (signal.aborted) return abort();
      signal.addEventListener("abort", abort, { once: true });
      world.after(Math.min(check.afterMs, timeoutMs), process, () => {
        signal.removeEventListener("abort", abort);
        world.progress();
        if (!signal.aborted) watcher.onPreflight(process, runId, false);
        if (check.kind === "reject" && !signal.aborted) {
          watcher.onBrokenPreflight(runId);
          reject(new Error("the preflight rejects"));
        } else if (check.afterMs > timeoutMs || check.kind === "error") resolve([findingOf("error")]);
        else resolve(check.kind === "warning" ? [findingOf("warning")] : []);
      });
    });

  return {
    execute,
    ...(abilities.recover ? { recover } : {}),
    ...(abilities.sweep ? { sweep } : {}),
    ...(abilities.release ? { release } : {}),
    ...(abilities.preflight ? { preflight } : {}),
  };
}

function findingOf(severity: Finding["severity"]): Finding {
  return { severity, code: "SERVICE_UNREACHABLE", service: "service", message: "nobody answers" };
}

/** Services and nodes bear the names of their runs: `service-r0`, `r0n1`. */
function runOfNeeds(name: string): string {
  return /r\d+/.exec(name)?.[0] ?? "";
}
