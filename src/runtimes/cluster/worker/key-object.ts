import { createObjectHandler, type ObjectContext, object } from "@restatedev/restate-sdk";
import { KEY_OBJECT } from "../../../adapters/restate/names.ts";
import type { KeyedRun } from "../../../ports/run-facts.ts";
import { RETRY } from "./retry.ts";

const RUN = "run";

/** The run of one idempotency key: whoever claims it first has it, until it is freed. */
export function createKeyObject() {
  return object({
    name: KEY_OBJECT,
    handlers: {
      /** @returns the run that has the key: the one that was given, or another */
      claim: createObjectHandler(async (ctx: ObjectContext, run: KeyedRun): Promise<KeyedRun> => {
        const has = await ctx.get<KeyedRun>(RUN);
        if (has !== null) return has;
        ctx.set(RUN, run);
        return run;
      }),
      find: createObjectHandler((ctx: ObjectContext): Promise<KeyedRun | null> => ctx.get<KeyedRun>(RUN)),
      /** Nothing happens where another run has it. */
      free: createObjectHandler(async (ctx: ObjectContext, runId: string): Promise<void> => {
        const has = await ctx.get<KeyedRun>(RUN);
        if (has?.run_id === runId) ctx.clearAll();
      }),
    },
    options: { enableLazyState: true, journalRetention: 0, idempotencyRetention: 0, retryPolicy: RETRY },
  });
}
