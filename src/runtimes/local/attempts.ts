import type { Outcome } from "../../engine/outcome.ts";
import { mayStartNodes, offer, takeReady } from "../../engine/plan.ts";
import { remainingWaitMs } from "../../engine/retry.ts";
import { failNode, settleAttempt } from "../../engine/settle.ts";
import { type AttemptRecord, type NodeState, outstandingAttempt } from "../../engine/state.ts";
import { isSettledNode } from "../../engine/status.ts";
import type { CancelTimer } from "../../kernel/clock.ts";
import { traceIdOf } from "../../kernel/trace.ts";
import { type Attempt, type AttemptKey, type Executor, LEAVE } from "../../ports/executor.ts";
import { requestOf, serviceOf } from "../../spec/node.ts";
import type { DriverContext } from "./context.ts";
import {
  type AbortCause,
  abortFlight,
  brokenExecutor,
  createFlight,
  type Flight,
  recordedOutcome,
  roundMs,
} from "./flight.ts";
import type { Ledger } from "./ledger.ts";
import type { Mailbox } from "./mailbox.ts";
import { createSlotLine } from "./slot-line.ts";

/** The attempts of one run: those under way, those in line for a slot, those that wait to be made again. */
export interface Attempts {
  /** Starts every node that may start now. */
  startReady(): void;
  /**
   * What the last owner left: attempts are asked after where the executor can, lost otherwise (E4); waits go on.
   * @returns when nothing else of the run is at work any more (X7); undefined where no executor has to look
   */
  inherit(): Promise<void> | undefined;
  readonly inFlight: number;
  /** From now on a failure is final: the run's time is over. */
  endRetries(): void;
  /** Ends the calls under way; each is then recorded as its executor says. */
  abort(cause: AbortCause): void;
  /** Ends everything, recording nothing; resolves when the calls have ended. */
  leave(): Promise<void>;
}

export function createAttempts(context: DriverContext, ledger: Ledger, mailbox: Mailbox): Attempts {
  const { clock, secrets, executors } = context;
  const { state, emit } = ledger;
  const { runId } = state;
  const traceId = traceIdOf(runId);
  const flights = new Map<string, Flight>();
  const waits = new Map<string, CancelTimer>();
  /** Monotonic time at which a node's total_timeout_seconds is over; every owner counts anew. */
  const deadlines = new Map<string, number>();
  let mayRetry = true;
  const slots = createSlotLine(context.slots, (node) =>
    mailbox.post(() => {
      if (isSettledNode(node.status) || !mayStartNodes(state)) slots.release(node);
      offer(state, node);
    }),
  );

  function start(node: NodeState): void {
    const { definition } = node;
    if (definition === undefined) return;
    const remainingMs = remainingTotalMs(node);
    const timeoutMs = Math.min(definition.timeoutMs, remainingMs ?? Number.POSITIVE_INFINITY);
    const attempt = (node.attempts.at(-1)?.attempt ?? 0) + 1;
    const idempotencyKey = `${runId}/${node.id}/${node.round}`;
    const request = requestOf(definition);
    waits.get(node.id)?.();
    waits.delete(node.id);
    emit({ type: "node.started", node_id: node.id, attempt, idempotency_key: idempotencyKey, request });
    const bound = timeoutMs < definition.timeoutMs ? "total" : "attempt";
    const flight = createFlight(node, attemptOf(node, attempt, idempotencyKey, timeoutMs), bound, clock.monotonic());
    flights.set(node.id, flight);
    ledger.after(() => {
      flight.done = perform(definition.executor, flight).then(
        (outcome) => land(flight, outcome),
        (thrown: unknown) => land(flight, brokenExecutor(thrown)),
      );
    });
  }

  function perform(kind: keyof typeof executors, { attempt, controller }: Flight): Promise<Outcome> {
    try {
      const executor = executors[kind];
      if (executor === undefined) throw new Error(`no executor for ${kind}`);
      return executor.execute(attempt, controller.signal);
    } catch (thrown) {
      return Promise.reject(thrown);
    }
  }

  function land(flight: Flight, outcome: Outcome): void {
    mailbox.post(() => {
      const { node } = flight;
      flights.delete(node.id);
      slots.release(node);
      const remainingMs = mayRetry ? remainingTotalMs(node) : 0;
      const circumstances = {
        durationMs: roundMs(clock.monotonic() - flight.startedMs),
        now: clock.now(),
        random: outcome.outcome === "succeeded" ? 0 : context.random.next(),
        ...(remainingMs === undefined ? {} : { remainingMs }),
      };
      settleAttempt(state, node, recordedOutcome(flight, outcome, secrets), circumstances, emit);
      release(node, flight.attempt);
      if (node.status === "waiting") wait(node);
    });
  }

  function release({ definition }: NodeState, attempt: Attempt): void {
    const executor = definition === undefined ? undefined : executors[definition.executor];
    if (executor?.release !== undefined) ledger.after(() => executor.release?.(attempt));
  }

  /** Waits for what is left of a retry wait: all of it, if it has just begun. */
  function wait(node: NodeState): void {
    const last = node.attempts.at(-1);
    if (last?.retryAt === undefined) return;
    const waitMs = remainingWaitMs(last.retryAt, last.retryDelayMs ?? 0, clock.now());
    waits.set(
      node.id,
      clock.after(waitMs, () => due(node)),
    );
  }

  function due(node: NodeState): void {
    waits.delete(node.id);
    mailbox.post(() => offer(state, node));
  }

  function inherit(): Promise<void> | undefined {
    const swept = sweep();
    for (const node of state.byPosition) {
      if (node.status === "waiting") wait(node);
      const record = outstandingAttempt(node);
      if (record === undefined) continue;
      const executor = node.definition === undefined ? undefined : executors[node.definition.executor];
      if (executor?.recover === undefined) lose(node);
      else recover(node, record, executor.recover.bind(executor), swept);
    }
    return swept;
  }

  /** Ends what executors find of this run beyond its outstanding attempts, once the run is ours. */
  function sweep(): Promise<void> | undefined {
    const kinds = new Set(state.byPosition.flatMap(({ definition }) => definition?.executor ?? []));
    const sweepers = [...kinds].flatMap((kind) => executors[kind]?.sweep?.bind(executors[kind]) ?? []);
    if (sweepers.length === 0) return undefined;
    const outstanding = state.byPosition.flatMap((node): AttemptKey[] => {
      const record = outstandingAttempt(node);
      return record === undefined ? [] : [{ nodeId: node.id, attempt: record.attempt }];
    });
    const { promise, resolve } = Promise.withResolvers<void>();
    ledger.after(() => resolve(Promise.all(sweepers.map((end) => end(runId, outstanding))).then(() => undefined)));
    return promise;
  }

  function lose(node: NodeState): void {
    const message = `Busbar ended before the outcome of ${node.id} was recorded`;
    const lost = { outcome: "lost", error: { code: "NODE_LOST", message } } as const;
    settleAttempt(state, node, lost, { durationMs: 0, now: clock.now(), random: 0 }, emit);
  }

  function recover(
    node: NodeState,
    record: AttemptRecord,
    ask: NonNullable<Executor["recover"]>,
    swept: Promise<void> = Promise.resolve(),
  ): void {
    const timeoutMs = node.definition?.timeoutMs ?? 0;
    const attempt = attemptOf(node, record.attempt, record.idempotencyKey, timeoutMs);
    const flight = createFlight(node, attempt, "attempt", clock.monotonic());
    flights.set(node.id, flight);
    ledger.after(() => {
      flight.done = swept
        .then(() => ask(attempt, flight.controller.signal))
        .then(async (recovery) => {
          if (recovery.found !== "gone") return land(flight, await recovery.outcome);
          mailbox.post(() => {
            flights.delete(node.id);
            lose(node);
          });
        })
        .catch((thrown: unknown) => land(flight, brokenExecutor(thrown)));
      if (state.cancelRequested) abortFlight(flight, "cancel");
    });
  }

  function attemptOf(node: NodeState, attempt: number, idempotencyKey: string, timeoutMs: number): Attempt {
    const service = serviceOf(state.workflow, node.definition);
    const request = node.request ?? null;
    const common = { runId, nodeId: node.id, attempt, idempotencyKey, timeoutMs, request, traceId };
    if (service !== undefined) return { ...common, service };
    const { logs } = context;
    return logs === undefined ? common : { ...common, openLog: () => logs.open(runId, { nodeId: node.id, attempt }) };
  }

  /** Milliseconds that total_timeout_seconds leaves the node, or undefined. It counts from the node's first attempt. */
  function remainingTotalMs(node: NodeState): number | undefined {
    const total = node.definition?.totalTimeoutMs;
    if (total === undefined) return undefined;
    const now = clock.monotonic();
    const deadline = deadlines.get(node.id) ?? now + total;
    deadlines.set(node.id, deadline);
    return deadline - now;
  }

  /** Only a node that has been tried has a deadline: before that, no time of its own has run. */
  function isOutOfTime(node: NodeState): boolean {
    return (deadlines.get(node.id) ?? Number.POSITIVE_INFINITY) <= clock.monotonic();
  }

  function giveUp(node: NodeState): void {
    slots.release(node);
    const seconds = (node.definition?.totalTimeoutMs ?? 0) / 1000;
    const message = `${node.id} could not be tried again within its total_timeout_seconds of ${seconds} s`;
    failNode(state, node, node.error ?? { code: "NODE_TOTAL_TIMED_OUT", message }, emit);
  }

  /** A node between attempts that waits for a slot is looked at again when its time is over. */
  function boundWaitInLine(node: NodeState): void {
    const deadline = deadlines.get(node.id);
    if (deadline === undefined) return;
    waits.get(node.id)?.();
    waits.set(
      node.id,
      clock.after(Math.max(deadline - clock.monotonic(), 0), () => due(node)),
    );
  }

  return {
    startReady() {
      for (let node = takeReady(state); node !== undefined; node = takeReady(state)) {
        if (isOutOfTime(node)) giveUp(node);
        else if (slots.take(node, serviceOf(state.workflow, node.definition))) start(node);
        else boundWaitInLine(node);
      }
    },
    inherit,
    get inFlight() {
      return flights.size;
    },
    endRetries() {
      mayRetry = false;
    },
    abort(cause) {
      for (const flight of flights.values()) abortFlight(flight, cause);
    },
    async leave() {
      for (const cancel of waits.values()) cancel();
      waits.clear();
      const ending = [...flights.values()];
      for (const flight of ending) abortFlight(flight, LEAVE);
      await Promise.allSettled(ending.map((flight) => flight.done));
      slots.releaseAll();
    },
  };
}
