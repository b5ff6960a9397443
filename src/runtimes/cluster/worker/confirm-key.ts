import type { ObjectContext } from "@restatedev/restate-sdk";
import { KEY_OBJECT, keyOf } from "../../../adapters/restate/names.ts";
import type { ConfirmInput, DriveInput, WithdrawInput } from "../../../adapters/restate/wire.ts";
import { callHandler } from "./call.ts";

/** Whether the new run still has its idempotency key, if it has one; from then on no other run takes that. */
export async function confirmKey(ctx: ObjectContext, { idempotency, token }: DriveInput): Promise<boolean> {
  if (idempotency === undefined) return true;
  const target = { service: KEY_OBJECT, key: keyOf(idempotency.key), method: "confirm" };
  return callHandler<ConfirmInput, boolean>(ctx, target, { token, invocation: ctx.request().id });
}

/** There will be no run of it. */
export async function withdrawKey(ctx: ObjectContext, { idempotency, token }: DriveInput): Promise<void> {
  if (idempotency === undefined) return;
  const target = { service: KEY_OBJECT, key: keyOf(idempotency.key), method: "withdraw" };
  await callHandler<WithdrawInput, void>(ctx, target, { token, invocation: ctx.request().id });
}
