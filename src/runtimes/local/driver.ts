import { type EventBody, isTerminalEvent, type RunEvent, type RunResumed } from "../../engine/events.ts";
import type { Outcome } from "../../engine/outcome.ts";
import { mayStartNodes, offer, takeReady } from "../../engine/plan.ts";
import { remainingWaitMs } from "../../engine/retry.ts";
import { cancelRun, endIfSettled, failNode, settleAttempt, stopRun } from "../../engine/settle.ts";
import {
  type AttemptRecord,
  type NodeState,
  outstandingAttempt,
  type RunState,
  summarize,
} from "../../engine/state.ts";
import { isSettledNode, isTerminalRun } from "../../engine/status.ts";
import { apply } from "../../engine/transitions.ts";
import type { CancelTimer } from "../../kernel/clock.ts";
import { BusbarError, type ErrorInfo } from "../../kernel/errors.ts";
import { traceIdOf } from "../../kernel/trace.ts";
import type { Attempt, Recovery } from "../../ports/executor.ts";
import type { Finding } from "../../ports/finding.ts";
import type { Answer, RequestRecord } from "../../ports/journal.ts";
import type { PreflightInput, TerminalEvent } from "../../ports/runtime.ts";
import { requestOf } from "../../spec/request.ts";
import type { Definition, Service } from "../../spec/workflow.ts";
import type { DriverContext } from "./context.ts";
import { abortFlight, brokenExecutor, type Flight, maskError, recordedOutcome } from "./flights.ts";
import { checkServices, preflightError } from "./preflight.ts";

/** How a driver comes to own its run. */
export type Beginning =
  | { readonly kind: "create"; readonly definition: Definition; readonly created: EventBody; readonly at: string }
  | {
      readonly kind: "resume";
      readonly resumed: RunResumed;
      readonly superseded: readonly RequestRecord[];
      readonly definition?: Definition;
    }
  /** Nobody resumes the run, but somebody asked something of it: its owner is dead, so the asker answers. */
  | { readonly kind: "answer"; readonly request: RequestRecord };

export interface Driver {
  readonly runId: string;
  /** When the first append is durable: the run is ours. */
  readonly owned: Promise<void>;
  readonly ended: Promise<TerminalEvent>;
  /** A request somebody made of the run; each is answered once. */
  deliver(request: RequestRecord): void;
  /** Ends the calls in flight and records nothing more. Resolves when they have ended. */
  leave(error: BusbarError): Promise<void>;
}

/**
 * Drives one run to its end: the loop between the pure engine, the journal and
 * the executors. A turn takes what has arrived, decides, appends once, and only
 * then acts (E8). Everything that happens outside comes in through `post`.
 */
export function createDriver(
  context: DriverContext,
  state: RunState,
  beginning: Beginning,
  preflight?: PreflightInput,
): Driver {
  const { journal, clock, slots, secrets } = context;
  const { runId } = state;
  const traceId = traceIdOf(runId);
  const epoch = state.epoch + 1;
  const beganMs = clock.monotonic();

  const inbox: (() => void)[] = [];
  let wake: (() => void) | undefined;
  let batch: RunEvent[] = [];
  let answers: Answer[] = [];
  /** What to do once the batch is durable. */
  const effects: (() => void)[] = [];

  const flights = new Map<string, Flight>();
  const timers = new Map<string, CancelTimer>();
  const inLine = new Map<string, () => void>();
  const granted = new Map<string, string>();
  /** Monotonic time at which a node's total_timeout_seconds is over; counted anew by every owner. */
  const deadlines = new Map<string, number>();
  const delivered = new Set<number>();
  const preflightAbort = new AbortController();
  /** No node starts before preflight is through. */
  let gate: "open" | "checking" | { readonly failed: ErrorInfo } = "open";
  let cancelSeq = 0;
  let runTimedOut: ErrorInfo | undefined;
  let left: BusbarError | undefined;

  const post = (work: () => void): void => {
    inbox.push(work);
    wake?.();
  };

  const emit = (body: EventBody, at: string = timestamp(clock.now())): void => {
    const event: RunEvent = { seq: state.lastSeq + 1, at, run_id: runId, epoch, ...body };
    apply(state, event);
    batch.push(event);
  };
  const durationMs = (): number => roundMs(clock.monotonic() - beganMs);

  // ---- the loop

  async function drive(owned: () => void): Promise<TerminalEvent> {
    begin();
    for (let first = true; ; ) {
      for (const work of inbox.splice(0)) work();
      turn();
      if (batch.length > 0) {
        const events = batch;
        batch = [];
        await commit(events, first);
        if (first) owned();
        first = false;
        if (left !== undefined) throw left;
        for (const effect of effects.splice(0)) effect();
        // After the calls have left, so that an observer costs them nothing.
        context.observe(events);
      }
      for (const effect of effects.splice(0)) effect();
      const terminal = lastEvent;
      if (isTerminalRun(state.status) && terminal !== undefined && isTerminalEvent(terminal)) return terminal;
      if (inbox.length === 0) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        wake = undefined;
      }
      if (left !== undefined) throw left;
    }
  }

  let lastEvent: RunEvent | undefined;

  async function commit(events: readonly RunEvent[], first: boolean): Promise<void> {
    lastEvent = events.at(-1);
    const append = { runId, epoch, events, summary: summarize(state), ...takeAnswers() };
    if (!first) return journal.append(append);
    if (beginning.kind === "create") return journal.create({ ...append, definition: beginning.definition });
    return journal.takeOver({
      ...append,
      ...(beginning.kind === "resume" && beginning.definition ? { definition: beginning.definition } : {}),
    });
  }

  function takeAnswers(): { readonly answers?: readonly Answer[] } {
    if (answers.length === 0) return {};
    const taken = answers;
    answers = [];
    return { answers: taken };
  }

  function turn(): void {
    if (isTerminalRun(state.status)) return;
    if (gate === "open") startReady();
    if (typeof gate === "object" && flights.size === 0) {
      emit({ type: "run.failed", duration_ms: durationMs(), error: gate.failed });
      return;
    }
    endIfSettled(state, durationMs(), emit, runTimedOut);
  }

  // ---- beginnings

  function begin(): void {
    armRunTimeout();
    if (beginning.kind === "create") {
      emit(beginning.created, beginning.at);
    } else if (beginning.kind === "resume") {
      emit(beginning.resumed);
      for (const request of beginning.superseded)
        refuse(request, { code: "REQUEST_SUPERSEDED", message: `run ${runId} was resumed after this was asked` });
    } else {
      answer(beginning.request);
    }
    settleOrRecover();
    for (const node of state.byPosition) if (node.status === "waiting") rearm(node);
    if (preflight === undefined || state.cancelRequested) {
      startRun();
      return;
    }
    gate = "checking";
    const services = servicesToCheck(state);
    effects.push(() => void runPreflight(services, preflight));
  }

  function startRun(): void {
    gate = "open";
    if (state.startedAt === undefined && !state.cancelRequested) emit({ type: "run.started" });
  }

  async function runPreflight(
    services: ReadonlyMap<string, readonly Service[]>,
    options: PreflightInput,
  ): Promise<void> {
    let findings: readonly Finding[];
    try {
      findings = await checkServices(context.executors, services, options, preflightAbort.signal);
    } catch (thrown) {
      if (preflightAbort.signal.aborted) return;
      post(() => {
        throw thrown;
      });
      return;
    }
    post(() => {
      if (isTerminalRun(state.status) || state.cancelRequested) return;
      options.onFindings?.(findings);
      const error = preflightError(findings);
      if (error === undefined) startRun();
      else gate = { failed: maskError(error, secrets) };
    });
  }

  /** Attempts that the last owner left behind: asked after where the executor can, lost otherwise (E4). */
  function settleOrRecover(): void {
    for (const node of state.byPosition) {
      const record = outstandingAttempt(node);
      if (record === undefined) continue;
      const executor = node.definition === undefined ? undefined : context.executors[node.definition.executor];
      if (executor?.recover === undefined) settleLost(node);
      else recover(node, record, executor.recover.bind(executor));
    }
  }

  function settleLost(node: NodeState): void {
    const message = `Busbar ended before the outcome of ${node.id} was recorded`;
    settleAttempt(
      state,
      node,
      { outcome: "lost", error: { code: "NODE_LOST", message } },
      { durationMs: 0, now: clock.now(), random: 0 },
      emit,
    );
  }

  function recover(
    node: NodeState,
    record: AttemptRecord,
    ask: (attempt: Attempt, signal: AbortSignal) => Promise<Recovery>,
  ): void {
    const flight = fly(node, "attempt", () => undefined);
    effects.push(() => {
      const attempt = attemptOf(node, record.attempt, record.idempotencyKey, node.definition?.timeoutMs ?? 0);
      flight.done = ask(attempt, flight.controller.signal)
        .then(async (recovery) => {
          if (recovery.found !== "gone") return land(flight, await recovery.outcome);
          post(() => {
            flights.delete(node.id);
            settleLost(node);
          });
        })
        .catch((thrown: unknown) => land(flight, brokenExecutor(thrown)));
      if (state.cancelRequested) abortFlight(flight, "cancel");
    });
  }

  // ---- attempts

  function startReady(): void {
    for (let node = takeReady(state); node !== undefined; node = takeReady(state)) {
      if (holdsSlot(node)) startAttempt(node);
    }
  }

  /** Takes the node's slot, or puts the node in line for one. */
  function holdsSlot(node: NodeState): boolean {
    const service = serviceOf(state, node);
    if (service?.maxConcurrency === undefined || granted.has(node.id)) return true;
    if (inLine.has(node.id)) return false;
    const address = String(service.address);
    const leaveLine = slots.acquire(address, service.maxConcurrency, () => {
      inLine.delete(node.id);
      granted.set(node.id, address);
      post(() => {
        if (isSettledNode(node.status) || !mayStartNodes(state)) releaseGrant(node);
        offer(state, node);
      });
    });
    if (leaveLine === true) granted.set(node.id, address);
    else inLine.set(node.id, leaveLine);
    return leaveLine === true;
  }

  function releaseGrant(node: NodeState): void {
    const address = granted.get(node.id);
    if (address === undefined) return;
    granted.delete(node.id);
    slots.release(address);
  }

  function startAttempt(node: NodeState): void {
    const { definition } = node;
    if (definition === undefined) return;
    const remainingMs = remainingTotalMs(node);
    if (remainingMs !== undefined && remainingMs <= 0) {
      releaseGrant(node);
      const message = `${node.id} could not be tried again within its total_timeout_seconds`;
      failNode(state, node, node.error ?? { code: "NODE_TOTAL_TIMED_OUT", message }, emit);
      return;
    }
    const bound = remainingMs !== undefined && remainingMs < definition.timeoutMs ? "total" : "attempt";
    const timeoutMs = bound === "total" && remainingMs !== undefined ? remainingMs : definition.timeoutMs;
    const number = (node.attempts.at(-1)?.attempt ?? 0) + 1;
    const idempotencyKey = `${runId}/${node.id}/${node.round}`;
    const request = requestOf(definition);
    emit({ type: "node.started", node_id: node.id, attempt: number, idempotency_key: idempotencyKey, request });
    const flight = fly(node, bound, () => releaseGrant(node));
    effects.push(() => {
      const executor = context.executors[definition.executor];
      if (executor === undefined)
        return land(flight, brokenExecutor(new Error(`no executor for ${definition.executor}`)));
      const attempt = attemptOf(node, number, idempotencyKey, timeoutMs);
      flight.done = executor.execute(attempt, flight.controller.signal).then(
        (outcome) => land(flight, outcome),
        (thrown: unknown) => land(flight, brokenExecutor(thrown)),
      );
    });
  }

  function fly(node: NodeState, bound: Flight["bound"], release: () => void): Flight {
    const flight: Flight = {
      node,
      controller: new AbortController(),
      startedMs: clock.monotonic(),
      bound,
      release,
      done: Promise.resolve(),
    };
    flights.set(node.id, flight);
    return flight;
  }

  function attemptOf(node: NodeState, attempt: number, idempotencyKey: string, timeoutMs: number): Attempt {
    const service = serviceOf(state, node);
    const request = node.request ?? null;
    const common = { runId, nodeId: node.id, attempt, idempotencyKey, timeoutMs, request, traceId };
    return service === undefined ? common : { ...common, service };
  }

  function land(flight: Flight, outcome: Outcome): void {
    post(() => {
      const { node } = flight;
      flights.delete(node.id);
      flight.release();
      const remainingMs = remainingTotalMs(node);
      settleAttempt(
        state,
        node,
        recordedOutcome(flight, outcome, secrets),
        {
          durationMs: roundMs(clock.monotonic() - flight.startedMs),
          now: clock.now(),
          random: outcome.outcome === "succeeded" ? 0 : context.random.next(),
          ...(remainingMs === undefined ? {} : { remainingMs }),
        },
        emit,
      );
      if (node.status === "waiting") rearm(node);
    });
  }

  /** Milliseconds that total_timeout_seconds leaves the node, or undefined. The clock starts at its first attempt. */
  function remainingTotalMs(node: NodeState): number | undefined {
    const total = node.definition?.totalTimeoutMs;
    if (total === undefined) return undefined;
    const now = clock.monotonic();
    const deadline = deadlines.get(node.id) ?? now + total;
    deadlines.set(node.id, deadline);
    return deadline - now;
  }

  /** Waits for what is left of a retry wait; the whole of it, if the wait has just begun. */
  function rearm(node: NodeState): void {
    const last = node.attempts.at(-1);
    if (last?.retryAt === undefined) return;
    const waitMs = remainingWaitMs(last.retryAt, last.retryDelayMs ?? 0, clock.now());
    timers.get(node.id)?.();
    timers.set(
      node.id,
      clock.after(waitMs, () => {
        timers.delete(node.id);
        post(() => offer(state, node));
      }),
    );
  }

  // ---- from outside

  function answer(request: RequestRecord): void {
    if (delivered.has(request.id)) return;
    delivered.add(request.id);
    if (isTerminalRun(state.status)) return;
    if (!state.cancelRequested) {
      cancelSeq = state.lastSeq + 1;
      cancelRun(state, request.by, request.reason, emit);
      preflightAbort.abort();
      gate = "open";
      effects.push(() => {
        for (const flight of flights.values()) abortFlight(flight, "cancel");
      });
    }
    answers.push({ requestId: request.id, answer: { kind: "applied", seq: cancelSeq } });
  }

  function refuse(request: RequestRecord, error: ErrorInfo): void {
    delivered.add(request.id);
    answers.push({ requestId: request.id, answer: { kind: "refused", error } });
  }

  function armRunTimeout(): void {
    const { totalTimeoutMs } = state.workflow;
    if (totalTimeoutMs === undefined) return;
    timers.set(
      "",
      clock.after(totalTimeoutMs, () =>
        post(() => {
          if (isTerminalRun(state.status) || state.cancelRequested) return;
          const message = `the run took longer than its total_timeout_seconds of ${totalTimeoutMs / 1000} s`;
          runTimedOut = { code: "RUN_TIMED_OUT", message };
          preflightAbort.abort();
          gate = "open";
          stopRun(state, emit);
          effects.push(() => {
            for (const flight of flights.values()) abortFlight(flight, "run_timeout");
          });
        }),
      ),
    );
  }

  async function leave(error: BusbarError): Promise<void> {
    left ??= error;
    preflightAbort.abort();
    for (const flight of flights.values()) abortFlight(flight, "leave");
    wake?.();
    await Promise.allSettled([...flights.values()].map((flight) => flight.done));
  }

  /** Whatever ends the loop, nothing of this run stays behind in the process. */
  async function letGo(): Promise<void> {
    for (const cancel of timers.values()) cancel();
    for (const leaveLine of inLine.values()) leaveLine();
    for (const address of granted.values()) slots.release(address);
    granted.clear();
    if (flights.size > 0) await leave(new BusbarError("INTERNAL", "the loop ended with calls in flight"));
  }

  let owned: () => void = () => undefined;
  const ownedPromise = new Promise<void>((resolve) => {
    owned = resolve;
  });
  const ended = drive(owned).finally(letGo);
  ended.catch(() => undefined);
  return {
    runId,
    owned: Promise.race([ownedPromise, ended.then(() => undefined)]),
    ended,
    deliver: (request) => post(() => answer(request)),
    leave,
  };
}

/** Services of nodes that have not settled, by executor. */
function servicesToCheck(state: RunState): ReadonlyMap<string, readonly Service[]> {
  const byExecutor = new Map<string, Map<string, Service>>();
  for (const node of state.byPosition) {
    if (node.definition === undefined || isSettledNode(node.status)) continue;
    const services = byExecutor.get(node.definition.executor) ?? new Map<string, Service>();
    byExecutor.set(node.definition.executor, services);
    const service = serviceOf(state, node);
    if (service !== undefined) services.set(service.name, service);
  }
  return new Map([...byExecutor].map(([executor, services]) => [executor, [...services.values()]]));
}

function serviceOf(state: RunState, node: NodeState): Service | undefined {
  return node.definition?.executor === "grpc" ? state.workflow.services.get(node.definition.service) : undefined;
}

/** Microseconds are enough, and 15 digits in every event are not. */
function roundMs(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

let lastStamp = { ms: 0, text: "" };

/** RFC 3339; the text is made once a millisecond. */
function timestamp(ms: number): string {
  if (lastStamp.ms !== ms) lastStamp = { ms, text: new Date(ms).toISOString() };
  return lastStamp.text;
}
