import type { RequestAnswer } from "../../engine/requests.ts";
import { isTerminalRun } from "../../engine/status.ts";
import type { Clock } from "../../kernel/clock.ts";
import { BusbarError, type ErrorInfo } from "../../kernel/errors.ts";
import { pause } from "../../kernel/pause.ts";
import { timestampOf } from "../../kernel/timestamp.ts";
import type { JournalRequester, RunRecord } from "../../ports/journal.ts";
import { refuseUnknown } from "../../ports/journal-rules.ts";
import type { RequestRecord } from "../../ports/requests.ts";
import type { RequestInput, RequestResult, RunControl } from "../../ports/runtime.ts";
import type { LocalRuns } from "./local-runs.ts";
import { createWaits, type Looks, steadyPace } from "./looks.ts";

/** How often an asker looks for its answer: of a run driven here, and of one driven elsewhere unless told otherwise. */
const LOOK_HERE_MS = 5;
const LOOK_ELSEWHERE_MS = 50;

/**
 * Makes this process the owner of a run that nobody drives, and answers the request; rejects if another got there first.
 * Where nothing follows from the request there is nothing to own the run by, and the answer is returned.
 */
export type TakeOverFor = (request: RequestRecord) => Promise<RequestAnswer | undefined>;

export interface SendRequestTools {
  readonly journal: JournalRequester;
  readonly clock: Clock;
  readonly local: LocalRuns;
  readonly takeOver: TakeOverFor;
  readonly looks?: Pick<Looks, "answers">;
}

/** Carries requests of this process to whoever owns the run; where nobody drives it, that is to be this process. */
export function createSendRequest({
  journal,
  clock,
  local,
  takeOver,
  looks = {},
}: SendRequestTools): RunControl["request"] {
  const { answers: elsewhere = steadyPace(LOOK_ELSEWHERE_MS) } = looks;

  async function ask(input: RequestInput): Promise<RequestResult> {
    const { until = "answered", signal, ...asked } = input;
    signal?.throwIfAborted();
    const { runId } = asked;
    const run = await readRun(runId);
    if (isTerminalRun(run.summary.status)) return answerOfEarlier(run, asked.key);
    const added = await journal.addRequest({ ...asked, at: timestampOf(clock.now()) });
    const waits = createWaits(elsewhere);
    for (;;) {
      const run = await readRun(runId);
      // Asked for before the request is brought: a run that was resumed since knows nothing of its answer.
      const answer = await answerTo(added, run);
      if (answer !== undefined) return answer;
      const driver = local.driverOf(runId);
      const isMine = local.owns(run);
      if (driver !== undefined) driver.put({ type: "asked", request: added });
      else if (isMine || !run.owner.alive) {
        const standing = await takeOver(added).catch(ignoreLostRace);
        if (standing !== undefined) return standing;
      }
      // Whoever drives it will look at it.
      if (until === "recorded" && (driver !== undefined || (run.owner.alive && !isMine))) return { kind: "recorded" };
      if (driver !== undefined || run.owner.alive) {
        await pause(clock, isMine ? LOOK_HERE_MS : waits.next(), signal);
        signal?.throwIfAborted();
      }
    }
  }

  /** Of a run that has ended: whoever asks once more, since the answer was lost on its way, is answered as before. */
  async function answerOfEarlier(run: RunRecord, key: string): Promise<RequestAnswer> {
    const earlier = (await journal.readRequests(run.runId)).find((one) => one.key === key);
    if (earlier?.answer !== undefined) return earlier.answer;
    const { code, message } = endedError(run);
    throw new BusbarError(code, message);
  }

  async function readRun(runId: string): Promise<RunRecord> {
    const run = await journal.readRun(runId);
    if (run === undefined) refuseUnknown(runId, journal.location);
    return run;
  }

  async function answerTo(added: RequestRecord, run: RunRecord): Promise<RequestAnswer | undefined> {
    const known = (await journal.readRequests(added.runId)).find(({ id }) => id === added.id);
    if (known?.answer !== undefined || !isTerminalRun(run.summary.status)) return known?.answer;
    return { kind: "refused", error: endedError(run) };
  }

  return ask;
}

/** Somebody else took the run over between our look and our append: the answer will come from there. */
export function ignoreLostRace(thrown: unknown): undefined {
  if (thrown instanceof BusbarError && (thrown.code === "RUN_OWNED" || thrown.code === "JOURNAL_FENCED"))
    return undefined;
  throw thrown;
}

function endedError({ runId, summary }: RunRecord): ErrorInfo {
  return { code: "RUN_ALREADY_ENDED", message: `run ${runId} has ended: ${summary.status}` };
}
