import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import type { AttemptAnswer, AttemptInput } from "../../../adapters/restate/wire.ts";
import { fromWireService } from "../../../adapters/restate/wire.ts";
import type { Outcome } from "../../../engine/outcome.ts";
import { traceIdOf } from "../../../kernel/trace.ts";
import { type Attempt, LEAVE } from "../../../ports/executor.ts";
import { readOutcome, readRecovery } from "../../../ports/executor-answers.ts";
import { brokenExecutor, maskOutcome } from "../../shared/masking.ts";
import type { WorkerTools } from "./tools.ts";

/**
 * What an attempt that lost its caller may go on, in case Restate finds its way back to this worker: as long as a node
 * of it may take to be there again. Where it asks another worker, the next attempt is made beside this one that long.
 */
const WITHOUT_CALLER_MS = 60_000;

/** Of attempts that have ended, so many are kept that long: whether an answer has arrived Restate does not say. */
const KEPT_ENDED = 1_000;

/**
 * Where so much has passed between begin and make, this process may have been stopped, or the network silent, and what
 * it reads is old: it looks whether the end of the connection comes behind it.
 */
const LATE_MS = 1_000;
const LOOK_MS = 500;

/**
 * The attempts that this process makes. Each is made once here, however often Restate asks for it: a second asking
 * (its connection broke) gets what the first began.
 */
export interface AttemptsInHand {
  /**
   * Before anything of it is done.
   * @returns what tells this process from all others: once that is durable, it is the one that makes the attempt
   */
  begin(invocation: string, caller: AbortSignal): string;
  /**
   * @param begunBy what `begin` returned, here or elsewhere, as it was recorded
   * @param caller aborts when Restate has let go of this asking
   * @returns `lost` where another process had begun it, or this one has forgotten it
   * @throws Error where nobody asks any more, and nothing has been done
   */
  make(
    invocation: string,
    begunBy: string,
    input: AttemptInput,
    caller: AbortSignal,
  ): Promise<AttemptAnswer["outcome"]>;
  abort(invocation: string): void;
  /** Its answer is durable. */
  release(invocation: string, input: AttemptInput): void;
  /** Ends the watching of all of them: nobody may make more of what this process began. */
  leave(): Promise<void>;
}

interface InHand {
  readonly takenMs: number;
  readonly controller: AbortController;
  /** How often Restate asks for it at this moment. */
  callers: number;
  hasEnded?: boolean;
  made?: { readonly input: AttemptInput; readonly work: Promise<AttemptAnswer["outcome"]> };
  forget?: () => void;
}

export function createAttemptsInHand(tools: WorkerTools): AttemptsInHand {
  const { clock, executors, logs, secrets, onTrouble, onLeft = () => undefined } = tools;
  const inHand = new Map<string, InHand>();
  /** Invocations whose attempts have ended and which nobody asks for at this moment, the oldest first. */
  const ended = new Set<string>();
  const us = randomUUID();

  /** @param how what is said of this worker, first of all */
  function openLog({ runId, nodeId, attempt, keepsLog }: AttemptInput, how: string): Pick<Attempt, "openLog"> {
    if (!keepsLog || logs === undefined) return {};
    return {
      openLog() {
        const log = logs.open(runId, { nodeId, attempt });
        log.write("busbar", `${how} on ${hostname()}\n`);
        return log;
      },
    };
  }

  function attemptOf(input: AttemptInput, invocation: string): Attempt {
    const { runId, nodeId, attempt, idempotencyKey, timeoutMs, request, service, identity } = input;
    return {
      ...{ runId, nodeId, attempt, idempotencyKey, timeoutMs, request },
      traceId: traceIdOf(runId),
      ...(service === undefined ? {} : { service: fromWireService(service) }),
      ...(identity === undefined ? {} : { cluster: { run: identity, call: invocation } }),
    };
  }

  async function execute(input: AttemptInput, invocation: string, signal: AbortSignal): Promise<Outcome> {
    const executor = executors[input.executor];
    const who = `the ${input.executor} executor`;
    if (executor === undefined) {
      const message = `${input.nodeId} is a ${input.executor} node; nothing on this worker runs those`;
      return { outcome: "failed", error: { code: "EXECUTOR_NOT_AVAILABLE", message } };
    }
    const attempt = { ...attemptOf(input, invocation), ...openLog(input, "made by a worker") };
    try {
      return maskOutcome(readOutcome(await executor.execute(attempt, signal), who), secrets);
    } catch (thrown) {
      return brokenExecutor(thrown, secrets);
    }
  }

  /** Another worker began it, and is not there any more, as far as Restate knows (X4). */
  async function recover(
    input: AttemptInput,
    invocation: string,
    signal: AbortSignal,
  ): Promise<AttemptAnswer["outcome"]> {
    const executor = executors[input.executor];
    if (executor?.recover === undefined) return LOST;
    const who = `the ${input.executor} executor`;
    const attempt = { ...attemptOf(input, invocation), ...openLog(input, "looked for by another worker") };
    try {
      const recovery = readRecovery(await executor.recover(attempt, signal), who);
      if (recovery.found === "gone") return LOST;
      return maskOutcome(readOutcome(await recovery.outcome, who), secrets);
    } catch (thrown) {
      onTrouble(thrown);
      return LOST;
    }
  }

  function take(invocation: string, caller: AbortSignal): InHand {
    const one = inHand.get(invocation) ?? {
      takenMs: clock.monotonic(),
      controller: new AbortController(),
      callers: 0,
    };
    inHand.set(invocation, one);
    one.callers += 1;
    ended.delete(invocation);
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
    one.forget = clock.after(WITHOUT_CALLER_MS, () => forget(invocation, one));
    if (one.hasEnded !== true) return;
    ended.add(invocation);
    const [oldest = invocation] = ended;
    const first = inHand.get(oldest);
    if (ended.size <= KEPT_ENDED || first === undefined) return;
    first.forget?.();
    forget(oldest, first);
  }

  function forget(invocation: string, one: InHand): void {
    ended.delete(invocation);
    inHand.delete(invocation);
    if (one.made !== undefined) void letGoOf(one.controller, one.made, invocation);
  }

  /** Another worker that finds it again may go on with it; where none can, it is lost, and to be ended. */
  async function letGoOf(
    controller: AbortController,
    { input, work }: NonNullable<InHand["made"]>,
    invocation: string,
  ): Promise<void> {
    const isFoundAgain = executors[input.executor]?.recover !== undefined;
    controller.abort(isFoundAgain ? LEAVE : "without_caller");
    await work;
    if (isFoundAgain) onLeft();
    else releaseKept(input, invocation);
  }

  function releaseKept(input: AttemptInput, invocation: string): void {
    try {
      const result: unknown = executors[input.executor]?.release?.(attemptOf(input, invocation));
      if (result !== undefined) Promise.resolve(result).catch(onTrouble);
    } catch (thrown) {
      onTrouble(thrown);
    }
  }

  /** @throws Error where nobody asks any more: another worker may have been asked */
  async function requireAsked({ takenMs }: InHand, caller: AbortSignal): Promise<void> {
    if (clock.monotonic() - takenMs > LATE_MS) {
      await new Promise<void>((resolve) => clock.after(LOOK_MS, resolve));
    }
    if (caller.aborted) throw new Error("Restate does not ask for this attempt any more");
  }

  return {
    begin(invocation, caller) {
      take(invocation, caller);
      return us;
    },
    async make(invocation, begunBy, input, caller) {
      const isOurs = begunBy === us && inHand.has(invocation);
      const one = take(invocation, caller);
      if (one.made === undefined) await requireAsked(one, caller);
      const { signal } = one.controller;
      one.made ??= { input, work: (isOurs ? execute : recover)(input, invocation, signal) };
      const outcome = await one.made.work;
      one.hasEnded = true;
      return outcome;
    },
    abort(invocation) {
      inHand.get(invocation)?.controller.abort("cancel");
    },
    release(invocation, input) {
      inHand.get(invocation)?.forget?.();
      inHand.delete(invocation);
      ended.delete(invocation);
      releaseKept(input, invocation);
    },
    async leave() {
      const left = [...inHand.values()];
      for (const one of left) {
        one.forget?.();
        one.controller.abort(LEAVE);
      }
      inHand.clear();
      ended.clear();
      await Promise.allSettled(left.map(({ made }) => made?.work));
    },
  };
}

const LOST: AttemptAnswer["outcome"] = { outcome: "lost" };
