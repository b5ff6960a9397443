import type { RequestAnswer } from "../../engine/requests.ts";
import { isTerminalRun } from "../../engine/status.ts";
import type { CancelTimer, Clock } from "../../kernel/clock.ts";
import { BusbarError, type ErrorInfo } from "../../kernel/errors.ts";
import type { Journal, RunRecord } from "../../ports/journal.ts";
import type { RequestRecord } from "../../ports/requests.ts";
import type { RequestInput, RequestResult } from "../../ports/runtime.ts";
import { runNotFound } from "./load.ts";
import type { RunsHere } from "./runs-here.ts";

/** How often an owner looks for requests (semantics.md, "Requests"). */
export const LOOK_MS = 200;

/** How often an asker looks for its answer: of a run driven here, and of one driven elsewhere. */
const LOOK_HERE_MS = 5;
const LOOK_ELSEWHERE_MS = 50;

/** Brings requests to the runs of this process, and carries requests of this process to whoever owns the run. */
export interface Requests {
  /** Called whenever a driver comes or goes. */
  update(): void;
  request(input: RequestInput): Promise<RequestResult>;
  close(): void;
}

export interface RequestTools {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly runs: RunsHere;
  /** Makes this process the owner of a run that nobody drives, and answers the request; rejects if another got there first. */
  readonly takeOver: (request: RequestRecord) => Promise<void>;
}

export function createRequests({ journal, clock, runs, takeOver }: RequestTools): Requests {
  let timer: CancelTimer | undefined;
  let seen = -1;
  let closed = false;

  function update(): void {
    if (closed || runs.isEmpty()) {
      timer?.();
      timer = undefined;
    } else {
      timer ??= clock.after(LOOK_MS, () => void look());
    }
  }

  async function look(): Promise<void> {
    timer = undefined;
    const version = journal.version();
    if (version !== seen) {
      seen = version;
      try {
        for (const request of await journal.readUnanswered()) await bring(request);
      } catch {
        // Looked for again; a journal that stays broken ends the drivers by their own appends.
        seen = -1;
      }
    }
    update();
  }

  async function bring(request: RequestRecord): Promise<void> {
    const driver = runs.driverOf(request.runId);
    if (driver !== undefined) driver.put({ type: "asked", request });
    else if (runs.leftOver(request.runId) !== undefined) await takeOver(request).catch(ignoreLostRace);
  }

  async function request(input: RequestInput): Promise<RequestResult> {
    const { until = "answered", signal, ...asked } = input;
    signal?.throwIfAborted();
    const { runId } = asked;
    refuseEnded(await readRun(runId));
    const added = await journal.addRequest({ ...asked, at: new Date(clock.now()).toISOString() });
    for (;;) {
      const run = await readRun(runId);
      // Asked for before the request is brought: a run that was resumed since knows nothing of its answer.
      const answer = await answerTo(added, run);
      if (answer !== undefined) return answer;
      const driver = runs.driverOf(runId);
      const isMine = run.owner.id === journal.ownerId;
      if (driver !== undefined) driver.put({ type: "asked", request: added });
      else if (isMine || !run.owner.alive) await takeOver(added).catch(ignoreLostRace);
      // Whoever drives it will look at it.
      if (until === "recorded" && (driver !== undefined || (run.owner.alive && !isMine))) return { kind: "recorded" };
      if (driver !== undefined || run.owner.alive) await pause(isMine ? LOOK_HERE_MS : LOOK_ELSEWHERE_MS, signal);
    }
  }

  async function readRun(runId: string): Promise<RunRecord> {
    const run = await journal.readRun(runId);
    if (run === undefined) throw runNotFound(runId);
    return run;
  }

  async function answerTo(added: RequestRecord, run: RunRecord): Promise<RequestAnswer | undefined> {
    const known = (await journal.readRequests(added.runId)).find(({ id }) => id === added.id);
    if (known?.answer !== undefined || !isTerminalRun(run.summary.status)) return known?.answer;
    return { kind: "refused", error: endedError(run) };
  }

  function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        cancel();
        reject(signal?.reason);
      };
      const cancel = clock.after(ms, () => {
        signal?.removeEventListener("abort", stop);
        resolve();
      });
      if (signal?.aborted === true) stop();
      else signal?.addEventListener("abort", stop, { once: true });
    });
  }

  return {
    update,
    request,
    close() {
      closed = true;
      update();
    },
  };
}

/** Somebody else took the run over between our look and our append: the answer will come from there. */
function ignoreLostRace(thrown: unknown): void {
  if (thrown instanceof BusbarError && (thrown.code === "RUN_OWNED" || thrown.code === "JOURNAL_FENCED")) return;
  throw thrown;
}

function refuseEnded(run: RunRecord): void {
  if (isTerminalRun(run.summary.status)) throw new BusbarError("RUN_ALREADY_ENDED", endedError(run).message);
}

function endedError({ runId, summary }: RunRecord): ErrorInfo {
  return { code: "RUN_ALREADY_ENDED", message: `run ${runId} has ended: ${summary.status}` };
}
