import { type Context, type internal, RestatePromise, service } from "@restatedev/restate-sdk";
import { ATTEMPT_SERVICE } from "../../../adapters/restate/names.ts";
import type { AttemptAnswer, AttemptInput, CheckAnswer, CheckInput } from "../../../adapters/restate/wire.ts";
import type { AttemptsInHand } from "./attempts-in-hand.ts";
import { checkNeeds } from "./check-needs.ts";
import { RETRY } from "./retry.ts";
import type { WorkerTools } from "./tools.ts";

/** An attempt may take as long as its timeout allows; Restate is not to ask in between whether it goes on. */
const LONGEST = { days: 30 };

/** Makes attempts, and checks what runs need; whichever worker Restate chooses. */

export function createAttemptService(tools: WorkerTools, attempts: AttemptsInHand) {
  const { clock } = tools;

  async function make(ctx: Context, input: AttemptInput): Promise<AttemptAnswer> {
    const { id, attemptCompletedSignal } = ctx.request();
    // What follows has the same entries in the journal wherever and however often it is done: who makes the attempt
    // is decided within the second one, by what is durable of the first.
    const begunBy = await ctx.run("begun", () => attempts.begin(id, attemptCompletedSignal));
    const made = Promise.withResolvers<AttemptAnswer>();
    // The cancel of an attempt that Restate asks for anew may be told before anything of it is in hand here.
    let isCancelled = false;
    const cancel = (): void => {
      isCancelled = true;
      attempts.abort(id);
    };
    const work = ctx.run("attempt", async (): Promise<AttemptAnswer> => {
      const making = attempts.make(id, begunBy, input, attemptCompletedSignal);
      if (isCancelled) attempts.abort(id);
      const answer = { outcome: await making, atMs: clock.now() };
      made.resolve(answer);
      return answer;
    });
    const recorded = untilRecorded(ctx, cancel, work);
    // What follows Restate takes in order: an answer that leaves nothing behind need not wait until it is known to be
    // durable, which takes as long as a step.
    if (!input.keepsLog) return Promise.race([made.promise, recorded]);
    const answer = await recorded;
    attempts.release(id, input);
    return answer;
  }

  async function untilRecorded(
    ctx: Context,
    cancel: () => void,
    work: RestatePromise<AttemptAnswer>,
  ): Promise<AttemptAnswer> {
    const cancelled = (ctx as internal.ContextInternal).cancellation().map(() => undefined);
    const answer = await RestatePromise.race([work, cancelled]);
    if (answer === undefined) cancel();
    return answer ?? work;
  }

  async function check(ctx: Context, input: CheckInput): Promise<CheckAnswer> {
    const controller = new AbortController();
    const work = ctx.run("check", async (): Promise<CheckAnswer> => {
      const findings = await checkNeeds(tools, input, controller.signal);
      return { findings, atMs: clock.now() };
    });
    const cancelled = (ctx as internal.ContextInternal).cancellation().map(() => undefined);
    const answer = await RestatePromise.race([work, cancelled]);
    controller.abort();
    return answer ?? { findings: [], atMs: input.atMs };
  }

  return service({
    name: ATTEMPT_SERVICE,
    handlers: { make, check },
    options: {
      ingressPrivate: true,
      explicitCancellation: true,
      inactivityTimeout: LONGEST,
      abortTimeout: LONGEST,
      journalRetention: 0,
      retryPolicy: RETRY,
    },
  });
}
