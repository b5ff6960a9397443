import type { ObjectContext } from "@restatedev/restate-sdk";
import { DELETED, HEAD, KEY_OBJECT, keyOf, REQUESTS_OBJECT } from "../../../adapters/restate/names.ts";
import type { DeleteInput, StoredHead } from "../../../adapters/restate/wire.ts";
import { mayPrune } from "../../../ports/journal-rules.ts";
import { callHandler } from "./call.ts";

/**
 * Deletes a run that has ended: what it recorded, its requests and its idempotency key. Its id stays, so that no other
 * run is ever called so: services know attempts by it.
 * @returns false, and nothing is changed, where it is not there, has not ended, was resumed since it was looked at, or is
 *   still told of (J12); true also where this very deletion is asked for again, because its answer was lost
 */
export async function deleteRun(ctx: ObjectContext, input: DeleteInput): Promise<boolean> {
  const { at } = input;
  const head = await ctx.get<StoredHead>(HEAD);
  if (head === null) return (await ctx.get<{ readonly at: string }>(DELETED))?.at === at;
  const { status, ended_at } = head.summary;
  if (hasGoneOn(head, input)) return false;
  // Whoever follows all runs looks now and then.
  if (!mayPrune({ status, ended: ended_at === undefined ? null : Date.parse(ended_at) }, at, () => true)) return false;
  ctx.clearAll();
  ctx.set(DELETED, { at });
  await callHandler(ctx, { service: REQUESTS_OBJECT, key: ctx.key, method: "clear" }, null);
  const { idempotency } = head;
  if (idempotency !== undefined)
    await callHandler(ctx, { service: KEY_OBJECT, key: keyOf(idempotency.key), method: "free" }, ctx.key);
  return true;
}

/** This was asked for behind a drive, and has waited for its end. */
function hasGoneOn({ epoch, summary: { ended_at } }: StoredHead, input: DeleteInput): boolean {
  if (input.epoch !== undefined) return epoch !== input.epoch;
  return ended_at !== undefined && Date.parse(ended_at) > Date.parse(input.at);
}
