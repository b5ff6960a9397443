import type { CallContext } from "./context.ts";
import type { CallEnd, ServiceRequest } from "./execute.ts";

/**
 * Runs around every call, those that are refused included: for metrics and
 * traces. `next` does the work, once, within whatever context it is called in,
 * and resolves with how that ended; it never rejects.
 *
 * It looks on: it has copies of what it is given, and what the caller hears is
 * how the work ended, whatever the interceptor returns. If it throws, or returns
 * without `next`, the log says so, and the work is done all the same.
 */
export type Interceptor = (
  request: ServiceRequest,
  context: CallContext,
  next: () => Promise<CallEnd>,
) => Promise<unknown> | unknown;

/**
 * Does the work within the interceptor. Does not wait for what the interceptor does after it, nor, once nobody waits for
 * the answer, for what it does before.
 */
export async function intercept<End extends CallEnd>(
  interceptor: Interceptor | undefined,
  request: ServiceRequest,
  context: CallContext,
  work: () => Promise<End>,
): Promise<End> {
  if (interceptor === undefined) return work();
  let ended: Promise<End> | undefined;
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const workOnce = (): Promise<End> => {
    ended ??= work();
    begin();
    return ended;
  };
  const next = async (): Promise<CallEnd> => toCallEnd(await workOnce());
  const goOn = (): void => {
    if (ended === undefined) context.log.warn("the interceptor did not call next");
    begin();
  };
  const around = async (): Promise<void> => {
    try {
      await interceptor({ ...request }, { ...context }, next);
      goOn();
    } catch (error) {
      context.log.error("the interceptor threw", { error });
      begin();
    }
  };
  context.signal.addEventListener("abort", goOn, { once: true });
  void around();
  await begun;
  return workOnce();
}

/** A copy, without what is for the caller alone. */
function toCallEnd({ status, success, message, durationMs, ...more }: CallEnd): CallEnd {
  return { status, success, message, durationMs, ...("error" in more ? { error: more.error } : {}) };
}
