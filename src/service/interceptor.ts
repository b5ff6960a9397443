import type { CallContext } from "./context.ts";
import type { CallEnd, ServiceRequest } from "./execute.ts";

/**
 * Runs around every call, those that are refused included: for metrics and
 * traces. `next` does the work, once, within whatever context it is called in,
 * and resolves with how that ended; it never rejects.
 *
 * It looks on: what the caller hears is how the work ended, whatever the
 * interceptor returns. If it throws, or returns without `next`, the log says
 * so, and the work is done all the same.
 */
export type Interceptor = (
  request: ServiceRequest,
  context: CallContext,
  next: () => Promise<CallEnd>,
) => Promise<unknown> | unknown;

/** Does the work within the interceptor. Does not wait for what the interceptor does after it. */
export async function intercept<End extends CallEnd>(
  interceptor: Interceptor | undefined,
  request: ServiceRequest,
  context: CallContext,
  work: () => Promise<End>,
): Promise<End> {
  if (interceptor === undefined) return work();
  let ended: Promise<End> | undefined;
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const next = (): Promise<End> => {
    ended ??= work();
    begin();
    return ended;
  };
  const around = async (): Promise<void> => {
    try {
      await interceptor(request, context, next);
      if (ended === undefined) context.log.warn("the interceptor did not call next");
    } catch (error) {
      context.log.error("the interceptor threw", { error });
    }
    begin();
  };
  void around();
  await begun;
  return next();
}
