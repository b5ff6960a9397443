import type { CancelTimer, Clock } from "../../kernel/clock.ts";
import { BusbarError } from "../../kernel/errors.ts";
import type { Journal } from "../../ports/journal.ts";
import type { RequestRecord } from "../../ports/requests.ts";
import { LOOK_MS } from "../shared/looks.ts";
import { ignoreLostRace, type TakeOverFor } from "../shared/send-request.ts";
import type { RunRegistry } from "./run-registry.ts";
import type { VersionLook } from "./version-look.ts";

/** Brings requests to the runs of this process, wherever they were asked. */
export interface RequestAnswering {
  /** Called whenever a driver comes or goes. */
  update(): void;
  close(): void;
}

export interface RequestAnsweringTools {
  readonly journal: Journal;
  readonly version: VersionLook;
  readonly clock: Clock;
  readonly runs: RunRegistry;
  readonly takeOver: TakeOverFor;
}

export function createRequestAnswering({
  journal,
  version,
  clock,
  runs,
  takeOver,
}: RequestAnsweringTools): RequestAnswering {
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
    const found = version.look();
    if (found !== seen) {
      seen = found;
      try {
        for (const request of await journal.readUnanswered()) await bring(request);
      } catch (thrown) {
        // Looked for again; a journal that stays broken ends the drivers by their own appends.
        seen = -1;
        if (thrown instanceof BusbarError && thrown.code === "JOURNAL_GONE") leaveAll(thrown);
      }
    }
    update();
  }

  /** Calls may go on for hours; what comes of them could not be recorded. */
  function leaveAll(error: BusbarError): void {
    for (const driver of runs.drivers()) void driver.leave(error);
  }

  async function bring(request: RequestRecord): Promise<void> {
    const driver = runs.driverOf(request.runId);
    if (driver !== undefined) driver.put({ type: "asked", request });
    else if (runs.leftOver(request.runId) !== undefined) await answerFor(request);
  }

  /** One run that cannot be taken over now (a full disk) keeps nobody else from an answer. */
  async function answerFor(request: RequestRecord): Promise<void> {
    try {
      await takeOver(request).catch(ignoreLostRace);
    } catch {
      seen = -1;
    }
  }

  return {
    update,
    close() {
      closed = true;
      update();
    },
  };
}
