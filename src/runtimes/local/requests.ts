import { isTerminalRun } from "../../engine/status.ts";
import type { CancelTimer, Clock } from "../../kernel/clock.ts";
import { BusbarError, type ErrorInfo } from "../../kernel/errors.ts";
import type { Journal } from "../../ports/journal.ts";
import type { RequestAnswer, RequestRecord } from "../../ports/requests.ts";
import type { RequestInput } from "../../ports/runtime.ts";
import type { Driver } from "./driver.ts";

/** How often an owner looks for requests (semantics.md, "Requests"). */
export const LOOK_MS = 200;

/** Brings requests to the drivers of this process, and carries requests of this process to whoever owns the run. */
export interface RequestDesk {
  /** Called whenever a driver comes or goes. */
  update(): void;
  /** @param takeOver makes this process the owner and answers the request; rejects if another got there first */
  request(input: RequestInput, takeOver: (record: RequestRecord) => Promise<void>): Promise<RequestAnswer>;
  close(): void;
}

export function createRequestDesk(journal: Journal, clock: Clock, drivers: ReadonlyMap<string, Driver>): RequestDesk {
  let timer: CancelTimer | undefined;
  let seen = -1;
  let closed = false;

  function update(): void {
    if (closed || drivers.size === 0) {
      timer?.();
      timer = undefined;
    } else {
      timer ??= clock.after(LOOK_MS, look);
    }
  }

  function look(): void {
    timer = undefined;
    const version = journal.version();
    if (version !== seen) {
      seen = version;
      for (const driver of drivers.values()) void deliverTo(driver);
    }
    update();
  }

  async function deliverTo(driver: Driver): Promise<void> {
    try {
      for (const record of await journal.readRequests(driver.runId, { unanswered: true })) driver.deliver(record);
    } catch {
      // Looked for again when the journal changes; a journal that stays broken ends the driver by its own appends.
      seen = -1;
    }
  }

  async function request(
    { onRecorded, ...input }: RequestInput,
    takeOver: (record: RequestRecord) => Promise<void>,
  ): Promise<RequestAnswer> {
    const { runId } = input;
    await refuseEnded(journal, runId);
    const added = await journal.addRequest({ ...input, at: new Date(clock.now()).toISOString() });
    onRecorded?.();
    for (;;) {
      const driver = drivers.get(runId);
      if (driver !== undefined) driver.deliver(added);
      const known = (await journal.readRequests(runId)).find((record) => record.id === added.id);
      if (known?.answer !== undefined) return known.answer;
      const run = await journal.readRun(runId);
      if (run !== undefined && isTerminalRun(run.summary.status))
        return { kind: "refused", error: endedError(runId, run.summary.status) };
      if (driver === undefined && run !== undefined && (!run.owner.alive || run.owner.id === journal.ownerId)) {
        await takeOver(added).catch(ignoreLostRace);
        continue;
      }
      await new Promise<void>((resolve) => clock.after(driver === undefined ? LOOK_MS / 4 : 5, resolve));
    }
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

async function refuseEnded(journal: Journal, runId: string): Promise<void> {
  const run = await journal.readRun(runId);
  if (run === undefined) throw new BusbarError("RUN_NOT_FOUND", `there is no run ${runId} in this state directory`);
  if (isTerminalRun(run.summary.status))
    throw new BusbarError("RUN_ALREADY_ENDED", endedError(runId, run.summary.status).message);
}

function endedError(runId: string, status: string): ErrorInfo {
  return { code: "RUN_ALREADY_ENDED", message: `run ${runId} has ended: ${status}` };
}
