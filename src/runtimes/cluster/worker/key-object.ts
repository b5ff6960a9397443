import {
  createObjectHandler,
  createObjectSharedHandler,
  type ObjectContext,
  type ObjectSharedContext,
  object,
} from "@restatedev/restate-sdk";
import { KEY_OBJECT } from "../../../adapters/restate/names.ts";
import type { ClaimedKey, ClaimInput, ConfirmInput, WithdrawInput } from "../../../adapters/restate/wire.ts";
import { RETRY } from "./retry.ts";

const RUN = "run";

/** How long whoever claims a key has until its drive asks for it; then another may claim it. */
const CLAIM_MS = 10_000;

/**
 * The run of one idempotency key. Whoever starts a run claims the key first; the drive of the run confirms that before
 * it records anything. What is confirmed stays until it is withdrawn or freed, so no two runs of one key are recorded,
 * however long a drive waits for its turn.
 */
export function createKeyObject() {
  const read = (ctx: ObjectContext | ObjectSharedContext): Promise<ClaimedKey | null> => ctx.get<ClaimedKey>(RUN);

  return object({
    name: KEY_OBJECT,
    handlers: {
      /** @returns who has the key: the one that was given, or another */
      claim: createObjectHandler(async (ctx: ObjectContext, claim: ClaimInput): Promise<ClaimedKey> => {
        const has = await read(ctx);
        if (has !== null && !isOver(has, claim.atMs)) return has;
        ctx.set(RUN, claim);
        return claim;
      }),
      /** @returns whether the key is still the drive's */
      confirm: createObjectHandler(
        async (ctx: ObjectContext, { token, invocation }: ConfirmInput): Promise<boolean> => {
          const has = await read(ctx);
          if (has?.token !== token) return false;
          ctx.set(RUN, { ...has, invocation });
          return true;
        },
      ),
      /** Nothing happens where another has it, or where it has been confirmed by another drive than was given. */
      withdraw: createObjectHandler(async (ctx: ObjectContext, { token, invocation }: WithdrawInput): Promise<void> => {
        const has = await read(ctx);
        if (has?.token === token && has.invocation === invocation) ctx.clearAll();
      }),
      find: createObjectSharedHandler(read),
      /** The run is to go. Nothing happens where another run has it. */
      free: createObjectHandler(async (ctx: ObjectContext, runId: string): Promise<void> => {
        const has = await read(ctx);
        if (has?.run_id === runId) ctx.clearAll();
      }),
    },
    options: { enableLazyState: true, journalRetention: 0, idempotencyRetention: 0, retryPolicy: RETRY },
  });
}

/** Clocks of two hosts may differ, and be set: too early is harmless, and it is never for ever. */
function isOver({ atMs, invocation }: ClaimedKey, nowMs: number): boolean {
  return invocation === undefined && Math.abs(nowMs - atMs) > CLAIM_MS;
}
