import { summarize } from "../../engine/state.ts";
import type { Step } from "../../engine/step.ts";
import { BusbarError, toErrorInfo } from "../../kernel/errors.ts";
import { pause } from "../../kernel/pause.ts";
import type { Append, Journal } from "../../ports/journal.ts";
import { type DriverState, refuseLeft } from "./driver-state.ts";

/** What a journal may refuse today and take tomorrow: the disk was full, the file locked or not writable, the device failed. */
const PASSING: ReadonlySet<string> = new Set([
  "JOURNAL_FULL",
  "JOURNAL_BUSY",
  "JOURNAL_UNWRITABLE",
  "JOURNAL_UNREADABLE",
  "JOURNAL_FAILED",
]);

/** Between tries of an append that was refused. */
const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 5000;

/**
 * Makes a turn durable. Where the journal does not take it for now, and the runtime is to wait for that, the run
 * stalls: its calls go on and the same append is tried again, so no attempt is lost over a full disk.
 *
 * @throws what the journal refuses for good, or the error for which the run was left meanwhile
 */
export async function commit(run: DriverState, { events, answers }: Step): Promise<void> {
  const { journal, onStall } = run.context;
  const { state, epoch } = run.machine;
  const append: Append = {
    runId: state.runId,
    epoch,
    events,
    summary: summarize(state),
    ...(answers.length === 0 ? {} : { answers }),
  };
  try {
    await (run.isOurs ? journal.append(append) : run.own(append));
  } catch (thrown) {
    if (!isPassing(thrown)) throw thrown;
    if (run.isOurs && onStall === "retry") return appendAgain(run, append, thrown);
    // Whoever began the run waits for the first append and hears of it, unless the run is there all the same.
    const isStored = await isStoredAfterAll(run, append);
    if (isStored === true) return;
    run.isKnownAbsent = isStored === false;
    throw thrown;
  }
}

/**
 * Asked until the journal can be read, where the runtime is to wait for that: a run must not be there and driven by
 * nobody. Undefined: it could not be asked.
 */
async function isStoredAfterAll(run: DriverState, append: Append): Promise<boolean | undefined> {
  const { journal, onStall } = run.context;
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
    try {
      return await isStored(journal, append);
    } catch (thrown) {
      if (onStall === "reject" || !isPassing(thrown)) return undefined;
      await pauseUnlessLeft(run, waitMs);
    }
  }
}

async function appendAgain(run: DriverState, append: Append, refusal: unknown): Promise<void> {
  const { journal } = run.context;
  let thrown = refusal;
  for (let waitMs = FIRST_WAIT_MS; isPassing(thrown); waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
    stall(run, thrown);
    await pauseUnlessLeft(run, waitMs);
    try {
      // A device that failed may have kept what it did not acknowledge.
      if (!(await isStored(journal, append))) await journal.append(append);
      refuseLeft(run);
      run.status = { name: "driving" };
      return;
    } catch (again) {
      thrown = again;
    }
  }
  throw thrown;
}

/** Whether the journal may take later what it has refused so; it may even have taken it. */
export function isPassing(thrown: unknown): boolean {
  return thrown instanceof BusbarError && PASSING.has(thrown.code);
}

/** Whether the journal holds this very append: nobody else writes events of our epoch, or answers our requests. */
async function isStored(journal: Journal, { runId, epoch, events, answers }: Append): Promise<boolean> {
  const [first] = events;
  if (first !== undefined) {
    const run = await journal.readRun(runId);
    if (run?.epoch !== epoch || run.owner.id !== journal.ownerId) return false;
    // The text, too: an earlier run of this process may have the id, and as many events.
    const stored = await journal.readEvents(runId, first.seq - 1);
    return JSON.stringify(stored) === JSON.stringify(events);
  }
  const unanswered = await journal.readRequests(runId, { unanswered: true });
  return !unanswered.some(({ id }) => answers?.some(({ requestId }) => requestId === id));
}

function stall(run: DriverState, thrown: unknown): void {
  if (run.status.name === "left") return;
  const error = toErrorInfo(thrown);
  const { clock, onTrouble } = run.context;
  if (run.status.name === "stalled") {
    run.status = { ...run.status, error };
    return;
  }
  run.status = { name: "stalled", sinceMs: clock.now(), error };
  onTrouble(new BusbarError(error.code, `run ${run.machine.state.runId} stalls: ${error.message}`));
}

/** Waits, unless the run is left meanwhile. What arrives for the run waits too. */
async function pauseUnlessLeft(run: DriverState, ms: number): Promise<void> {
  await pause(run.context.clock, ms, run.inputs.closed());
  refuseLeft(run);
}
