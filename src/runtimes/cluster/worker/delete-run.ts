import type { ObjectContext } from "@restatedev/restate-sdk";
import { DELETED, HEAD, KEY_OBJECT, keyOf, REQUESTS_OBJECT } from "../../../adapters/restate/names.ts";
import type { DeleteInput, StoredHead } from "../../../adapters/restate/wire.ts";
import { mayPrune } from "../../../ports/journal-rules.ts";
import { callHandler } from "./call.ts";

/**
 * Deletes a run that has ended: what it recorded, its requests and its idempotency key. Its id stays, so that no other
 * run is ever called so: services know attempts by it.
 * @returns false, and nothing is changed, where it is not there, has not ended, or is still told of (J12)
 */
export async function deleteRun(ctx: ObjectContext, { at }: DeleteInput): Promise<boolean> {
  const head = await ctx.get<StoredHead>(HEAD);
  if (head === null) return false;
  const { status, ended_at } = head.summary;
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
