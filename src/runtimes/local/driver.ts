import { type EventBody, isTerminalEvent, type RunResumed } from "../../engine/events.ts";
import { cancelRun, endIfSettled, stopRun } from "../../engine/settle.ts";
import type { RunState } from "../../engine/state.ts";
import { isTerminalRun } from "../../engine/status.ts";
import type { CancelTimer } from "../../kernel/clock.ts";
import type { BusbarError, ErrorInfo } from "../../kernel/errors.ts";
import type { Append, RequestRecord } from "../../ports/journal.ts";
import type { PreflightInput, TerminalEvent } from "../../ports/runtime.ts";
import type { Definition } from "../../spec/model/definition.ts";
import { createAttempts } from "./attempts.ts";
import type { DriverContext } from "./context.ts";
import { maskError, roundMs } from "./flight.ts";
import { createLedger } from "./ledger.ts";
import { createMailbox } from "./mailbox.ts";
import { preflightError, runPreflight } from "./preflight.ts";

/** How a driver comes to own its run. */
export type Beginning =
  | { readonly kind: "create"; readonly definition: Definition; readonly created: EventBody; readonly at: string }
  | {
      readonly kind: "resume";
      readonly resumed: RunResumed;
      /** Where it changes. */
      readonly definition?: Definition;
      /** Requests from before: whoever resumes the run wants it to go on. */
      readonly superseded: readonly RequestRecord[];
    }
  /** Nobody resumes the run, but somebody asked something of it while its owner was dead: the asker answers. */
  | { readonly kind: "answer"; readonly request: RequestRecord };

export interface Driver {
  readonly runId: string;
  /** When the first append is durable: the run is ours. */
  readonly owned: Promise<void>;
  readonly ended: Promise<TerminalEvent>;
  /** A request somebody made of the run; each is answered once. */
  deliver(request: RequestRecord): void;
  /** Ends the calls in flight and records nothing more: the run is left interrupted. */
  leave(error: BusbarError): Promise<void>;
}

/**
 * Drives one run to its end: the loop between the pure engine, the journal and
 * the executors. A turn takes what has arrived, decides, appends once, and only
 * then acts (E8). Everything from outside comes in through the mailbox.
 */
export function createDriver(
  context: DriverContext,
  state: RunState,
  beginning: Beginning,
  preflight?: PreflightInput,
): Driver {
  const { clock } = context;
  const { runId } = state;
  const beganMs = clock.monotonic();
  const mailbox = createMailbox();
  const ledger = createLedger(context.journal, clock, state, (append) => own(context, beginning, append));
  const attempts = createAttempts(context, ledger, mailbox);
  const { emit } = ledger;
  /** Only while preflight is under way: aborting one costs 8 µs, for the stack trace of its reason. */
  let preflightAbort: AbortController | undefined;
  /** No node starts before preflight is through. */
  let gate: "open" | "checking" | { readonly failed: ErrorInfo } = "open";
  /** What the last owner left at work has ended. */
  let swept: Promise<void> | undefined;
  const delivered = new Set<number>();
  const versionAtFirst = context.journal.version();
  let timedOut: ErrorInfo | undefined;
  let cancelRunTimer: CancelTimer | undefined;
  let left: BusbarError | undefined;

  async function drive(owned: () => void): Promise<TerminalEvent> {
    begin();
    for (;;) {
      decide();
      if (isTerminalRun(state.status)) await refuseLatecomers();
      const events = await ledger.flush();
      if (left !== undefined) throw left;
      if (events.length > 0) owned();
      // After the calls have left, so that an observer costs them nothing.
      if (events.length > 0) context.observe(events);
      const last = events.at(-1);
      if (last !== undefined && isTerminalEvent(last)) return last;
      await mailbox.arrival();
      if (left !== undefined) throw left;
      mailbox.open();
    }
  }

  function decide(): void {
    if (typeof gate === "object") {
      // Attempts that were found again run to their end first: a run does not end over them.
      if (attempts.inFlight === 0) emit({ type: "run.failed", duration_ms: durationMs(), error: gate.failed });
      return;
    }
    if (gate === "open") attempts.startReady();
    endIfSettled(state, durationMs(), emit, timedOut);
  }

  function begin(): void {
    armRunTimer();
    if (beginning.kind === "create") emit(beginning.created, beginning.at);
    else if (beginning.kind === "resume") emit(beginning.resumed);
    else takeOverFor(beginning.request);
    if (beginning.kind === "resume") for (const request of beginning.superseded) supersede(request);
    if (beginning.kind !== "create") swept = attempts.inherit();
    const needed = state.cancelRequested === undefined ? preflight : undefined;
    if (swept === undefined && needed === undefined) return openGate();
    gate = "checking";
    ledger.after(() => void prepare(needed));
  }

  /** Nothing starts before the last owner's work has ended and preflight is through. */
  async function prepare(needed: PreflightInput | undefined): Promise<void> {
    await swept;
    if (needed !== undefined && gate === "checking") return check(needed);
    mailbox.post(() => {
      if (gate === "checking") openGate();
    });
  }

  function openGate(): void {
    gate = "open";
    if (state.startedAt === undefined && !state.cancelRequested) emit({ type: "run.started" });
  }

  async function check(options: PreflightInput): Promise<void> {
    const abort = new AbortController();
    preflightAbort = abort;
    try {
      const findings = await runPreflight(context.executors, state, options, abort.signal);
      mailbox.post(() => {
        if (gate !== "checking") return;
        options.onFindings?.(findings);
        const error = preflightError(findings);
        if (error === undefined) openGate();
        else gate = { failed: maskError(error, context.secrets) };
      });
    } catch (thrown) {
      if (abort.signal.aborted) return;
      mailbox.post(() => {
        throw thrown;
      });
    }
  }

  /** The run is to end: whatever preflight says no longer matters. */
  function abandonPreflight(): void {
    preflightAbort?.abort();
    gate = "open";
  }

  function answer(request: RequestRecord): void {
    if (delivered.has(request.id) || isTerminalRun(state.status)) return;
    if (request.kind !== "cancel") {
      // A later version may ask what this one does not know.
      return refuse(request, { code: "REQUEST_UNKNOWN", message: `run ${runId} cannot be asked to ${request.kind}` });
    }
    if (state.cancelRequested === undefined) cancel(request);
    grant(request);
  }

  /** The last owner may have recorded a cancel itself; recording it again makes the run ours. */
  function takeOverFor(request: RequestRecord): void {
    cancel(request);
    grant(request);
  }

  function cancel({ by, reason }: RequestRecord): void {
    cancelRun(state, by, reason, emit);
    abandonPreflight();
    ledger.after(() => attempts.abort("cancel"));
  }

  function grant(request: RequestRecord): void {
    delivered.add(request.id);
    ledger.answer({ requestId: request.id, answer: { kind: "applied", seq: state.cancelRequested ?? state.lastSeq } });
  }

  function refuse(request: RequestRecord, error: ErrorInfo): void {
    delivered.add(request.id);
    ledger.answer({ requestId: request.id, answer: { kind: "refused", error } });
  }

  function supersede(request: RequestRecord): void {
    refuse(request, { code: "REQUEST_SUPERSEDED", message: `run ${runId} was resumed after this was asked` });
  }

  /** What was asked since the last look is answered with the run's end. Looks only if anybody wrote anything. */
  async function refuseLatecomers(): Promise<void> {
    if (context.journal.version() === versionAtFirst) return;
    for (const request of await context.journal.readRequests(runId, { unanswered: true })) {
      if (delivered.has(request.id)) continue;
      refuse(request, { code: "RUN_ALREADY_ENDED", message: `run ${runId} has ended: ${state.status}` });
    }
  }

  function armRunTimer(): void {
    const { totalTimeoutMs } = state.workflow;
    if (totalTimeoutMs === undefined) return;
    cancelRunTimer = clock.after(totalTimeoutMs, () =>
      mailbox.post(() => {
        if (state.cancelRequested) return;
        const message = `the run took longer than its total_timeout_seconds of ${totalTimeoutMs / 1000} s`;
        timedOut = { code: gate === "checking" ? "SERVICE_CHECK_TIMED_OUT" : "RUN_TIMED_OUT", message };
        abandonPreflight();
        attempts.endRetries();
        stopRun(state, emit);
        ledger.after(() => attempts.abort("run_timeout"));
      }),
    );
  }

  function durationMs(): number {
    return roundMs(clock.monotonic() - beganMs);
  }

  /** Whatever ends the loop, nothing of this run stays behind in the process. */
  async function letGo(): Promise<void> {
    cancelRunTimer?.();
    preflightAbort?.abort();
    ledger.close();
    await attempts.leave();
    await swept;
  }

  const owning = Promise.withResolvers<void>();
  const ended = drive(owning.resolve).finally(letGo);
  ended.catch(owning.reject);
  return {
    runId,
    owned: owning.promise,
    ended,
    deliver: (request) => mailbox.post(() => answer(request)),
    async leave(error) {
      left ??= error;
      mailbox.post(() => undefined);
      await letGo();
    },
  };
}

function own({ journal }: DriverContext, beginning: Beginning, append: Append): Promise<void> {
  if (beginning.kind === "create") return journal.create({ ...append, definition: beginning.definition });
  const changed = beginning.kind === "resume" ? beginning.definition : undefined;
  return journal.takeOver({ ...append, ...(changed === undefined ? {} : { definition: changed }) });
}
