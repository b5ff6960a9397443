import type { AttemptAnswer, AttemptInput } from "../../../adapters/restate/wire.ts";
import { fromWireService } from "../../../adapters/restate/wire.ts";
import type { Outcome } from "../../../engine/outcome.ts";
import { traceIdOf } from "../../../kernel/trace.ts";
import { type Attempt, LEAVE } from "../../../ports/executor.ts";
import { readOutcome, readRecovery } from "../../../ports/executor-answers.ts";
import { brokenExecutor, maskOutcome } from "../../shared/masking.ts";
import type { WorkerTools } from "./tools.ts";

/** What an attempt that lost its caller may go on, in case Restate finds its way back to this worker. */
const WITHOUT_CALLER_MS = 10_000;

/**
 * The attempts that this process makes. Each is made once here, however often Restate asks for it: a second asking
 * (its connection broke) gets what the first began.
 */
export interface AttemptsInHand {
  /** Before anything of it is done: from now on this process is the one that makes it. */
  begin(invocation: string, caller: AbortSignal): void;
  /**
   * @param caller aborts when Restate has let go of this asking
   * @returns `lost` where another process had begun it, or this one has forgotten it
   */
  make(invocation: string, input: AttemptInput, caller: AbortSignal): Promise<AttemptAnswer["outcome"]>;
  abort(invocation: string): void;
  /** Its answer is durable. */
  release(invocation: string, input: AttemptInput): void;
  /** Ends the watching of all of them: nobody may make more of what this process began. */
  leave(): Promise<void>;
}

interface InHand {
  /** How often Restate asks for it at this moment. */
  callers: number;
  readonly controller: AbortController;
  work?: Promise<AttemptAnswer["outcome"]>;
  forget?: () => void;
}

export function createAttemptsInHand(tools: WorkerTools): AttemptsInHand {
  const { clock, executors, logs, secrets, onTrouble } = tools;
  const inHand = new Map<string, InHand>();

  function attemptOf(input: AttemptInput): Attempt {
    const { runId, nodeId, attempt, idempotencyKey, timeoutMs, request, service, keepsLog } = input;
    return {
      ...{ runId, nodeId, attempt, idempotencyKey, timeoutMs, request },
      traceId: traceIdOf(runId),
      ...(service === undefined ? {} : { service: fromWireService(service) }),
      ...(keepsLog && logs !== undefined ? { openLog: () => logs.open(runId, { nodeId, attempt }) } : {}),
    };
  }

  async function execute(input: AttemptInput, signal: AbortSignal): Promise<Outcome> {
    const executor = executors[input.executor];
    const who = `the ${input.executor} executor`;
    if (executor === undefined) {
      const message = `${input.nodeId} is a ${input.executor} node; nothing on this worker runs those`;
      return { outcome: "failed", error: { code: "EXECUTOR_NOT_AVAILABLE", message } };
    }
    try {
      return maskOutcome(readOutcome(await executor.execute(attemptOf(input), signal), who), secrets);
    } catch (thrown) {
      return brokenExecutor(thrown, secrets);
    }
  }

  /** Another worker began it, and is not there any more, as far as Restate knows (X4). */
  async function recover(input: AttemptInput, signal: AbortSignal): Promise<AttemptAnswer["outcome"]> {
    const executor = executors[input.executor];
    if (executor?.recover === undefined) return LOST;
    const who = `the ${input.executor} executor`;
    try {
      const recovery = readRecovery(await executor.recover(attemptOf(input), signal), who);
      if (recovery.found === "gone") return LOST;
      return maskOutcome(readOutcome(await recovery.outcome, who), secrets);
    } catch (thrown) {
      onTrouble(thrown);
      return LOST;
    }
  }

  function take(invocation: string, caller: AbortSignal): InHand {
    const one = inHand.get(invocation) ?? { controller: new AbortController(), callers: 0 };
    inHand.set(invocation, one);
    one.callers += 1;
    one.forget?.();
    delete one.forget;
    const lose = (): void => {
      one.callers -= 1;
      if (one.callers === 0 && inHand.get(invocation) === one) forgetLater(invocation, one);
    };
    if (caller.aborted) lose();
    else caller.addEventListener("abort", lose, { once: true });
    return one;
  }

  function forgetLater(invocation: string, one: InHand): void {
    one.forget = clock.after(WITHOUT_CALLER_MS, () => {
      inHand.delete(invocation);
      one.controller.abort("without_caller");
    });
  }

  return {
    begin: (invocation, caller) => void take(invocation, caller),
    async make(invocation, input, caller) {
      const isOurs = inHand.has(invocation);
      const one = take(invocation, caller);
      one.work ??= isOurs ? execute(input, one.controller.signal) : recover(input, one.controller.signal);
      return one.work;
    },
    abort(invocation) {
      inHand.get(invocation)?.controller.abort("cancel");
    },
    release(invocation, input) {
      inHand.get(invocation)?.forget?.();
      inHand.delete(invocation);
      try {
        const result: unknown = executors[input.executor]?.release?.(attemptOf(input));
        if (result !== undefined) Promise.resolve(result).catch(onTrouble);
      } catch (thrown) {
        onTrouble(thrown);
      }
    },
    async leave() {
      const left = [...inHand.values()];
      for (const one of left) {
        one.forget?.();
        one.controller.abort(LEAVE);
      }
      inHand.clear();
      await Promise.allSettled(left.map(({ work }) => work));
    },
  };
}

const LOST: AttemptAnswer["outcome"] = { outcome: "lost" };
