import type { AbortCause, AttemptToMake } from "../../engine/commands.ts";
import type { Input } from "../../engine/inputs.ts";
import type { Outcome } from "../../engine/outcome.ts";
import type { RunState } from "../../engine/state.ts";
import type { CancelTimer } from "../../kernel/clock.ts";
import { BusbarError } from "../../kernel/errors.ts";
import { traceIdOf } from "../../kernel/trace.ts";
import { type Attempt, type Executor, LEAVE } from "../../ports/executor.ts";
import { readOutcome, readRecovery } from "../../ports/executor-answers.ts";
import { keepsLog } from "../../workflow/node.ts";
import type { WorkflowNode } from "../../workflow/workflow.ts";
import { attemptOf } from "../shared/attempt.ts";
import { brokenExecutor, maskOutcome } from "../shared/masking.ts";
import type { DriverContext } from "./context.ts";

/**
 * An executor ends within 5 s of an abort (X3). One that does not is waited for twice as long, and then no more:
 * a run must not hang over it.
 */
export const ABORT_BOUND_MS = 10_000;

/** The calls of one run that are under way. */
export interface Calls {
  execute(attempt: AttemptToMake): void;
  recover(attempt: AttemptToMake): void;
  abort(nodeId: string, cause: AbortCause): void;
  /** The outcome of the node's last attempt is durable (X6). */
  release(nodeId: string): void;
  /** Lets go of all of them: ends the watching, and what no `recover` could find again. Resolves when they have ended, or are not waited for any more. */
  leave(): Promise<void>;
}

export interface CallHooks {
  put(input: Input): void;
  /** An executor broke a promise on which the run depends. */
  fail(error: BusbarError): void;
}

interface Call {
  readonly executor: Executor;
  readonly kind: string;
  readonly attempt: Attempt;
  readonly controller: AbortController;
  /** Resolves, whatever becomes of the call. */
  done: Promise<void>;
  hasEnded: boolean;
  patience?: CancelTimer;
}

export function createCalls(context: DriverContext, state: RunState, hooks: CallHooks): Calls {
  const { clock, secrets, logs } = context;
  const { runId } = state;
  const traceId = traceIdOf(runId);
  const calls = new Map<string, Call>();

  function begin(toMake: AttemptToMake, work: (call: Call) => Promise<Input>): void {
    const { nodeId } = toMake;
    const definition = state.nodes.get(nodeId)?.definition;
    const executor = definition === undefined ? undefined : context.executors[definition.executor];
    if (definition === undefined || executor === undefined) {
      return hooks.fail(new BusbarError("INTERNAL", `nothing here runs ${nodeId}`));
    }
    const { workflow } = state;
    const attempt = withLog(attemptOf({ runId, traceId, workflow }, definition, toMake), definition);
    const controller = new AbortController();
    const call: Call = { executor, kind: definition.executor, attempt, controller, done: NOTHING, hasEnded: false };
    calls.set(nodeId, call);
    call.done = work(call).then(
      (input) => end(call, input),
      (thrown: unknown) => end(call, endedAs(attempt, brokenExecutor(thrown, secrets))),
    );
  }

  function end(call: Call, input: Input): void {
    call.hasEnded = true;
    call.patience?.();
    if (call.executor.release === undefined) calls.delete(call.attempt.nodeId);
    hooks.put(input);
  }

  function withLog(attempt: Attempt, definition: WorkflowNode): Attempt {
    if (logs === undefined || !keepsLog(definition)) return attempt;
    const key = { nodeId: attempt.nodeId, attempt: attempt.attempt };
    return { ...attempt, openLog: () => logs.open(runId, key) };
  }

  /** Ends a call; one that does not listen leaves the run. */
  function abort(call: Call, cause: AbortCause): void {
    if (call.hasEnded || call.controller.signal.aborted) return;
    const { nodeId, attempt } = call.attempt;
    call.patience = clock.after(ABORT_BOUND_MS, () => {
      const seconds = ABORT_BOUND_MS / 1000;
      const message = `the ${call.kind} executor did not end attempt ${attempt} of ${nodeId} within ${seconds} s of being told to; run ${runId} is left interrupted`;
      hooks.fail(new BusbarError("INTERNAL", message));
    });
    call.controller.abort(cause);
  }

  /** What an executor throws over this comes too late to change the attempt. */
  function release({ executor, attempt }: Call): void {
    try {
      const result: unknown = executor.release?.(attempt);
      if (result !== undefined) Promise.resolve(result).catch(context.onTrouble);
    } catch (thrown) {
      context.onTrouble(thrown);
    }
  }

  return {
    execute: (toMake) =>
      begin(toMake, async ({ executor, kind, attempt, controller }) => {
        const outcome = await executor.execute(attempt, controller.signal);
        return endedAs(attempt, maskOutcome(readOutcome(outcome, `the ${kind} executor`), secrets));
      }),
    recover: (toMake) =>
      begin(toMake, async ({ executor, kind, attempt, controller }) => {
        const who = `the ${kind} executor`;
        const recovery = readRecovery(await executor.recover?.(attempt, controller.signal), who);
        const { nodeId } = attempt;
        if (recovery.found === "gone") {
          return { type: "recovered", nodeId, attempt: attempt.attempt, found: "gone" };
        }
        return endedAs(attempt, maskOutcome(readOutcome(await recovery.outcome, who), secrets));
      }),
    abort(nodeId, cause) {
      const call = calls.get(nodeId);
      if (call !== undefined) abort(call, cause);
    },
    release(nodeId) {
      const call = calls.get(nodeId);
      calls.delete(nodeId);
      if (call !== undefined) release(call);
    },
    async leave() {
      const left = [...calls.values()].filter((call) => !call.hasEnded);
      for (const call of left) {
        call.patience?.();
        call.controller.abort(LEAVE);
      }
      if (left.length === 0) return;
      await within(ABORT_BOUND_MS, clock, Promise.all(left.map((call) => call.done)));
    },
  };
}

const NOTHING: Promise<void> = Promise.resolve();

function endedAs({ nodeId, attempt }: Attempt, outcome: Outcome): Input {
  return { type: "ended", nodeId, attempt, outcome };
}

/** Resolves with the work, or without it once the time is over. */
export function within(ms: number, clock: DriverContext["clock"], work: Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.after(ms, resolve);
    const done = (): void => {
      cancel();
      resolve();
    };
    work.then(done, done);
  });
}
