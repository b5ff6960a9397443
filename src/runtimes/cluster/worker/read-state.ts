import { type ObjectContext, type ObjectSharedContext, RestatePromise } from "@restatedev/restate-sdk";

/** Reads several keys at once; null for those that are not there. */
export async function readState<T>(
  ctx: ObjectContext | ObjectSharedContext,
  keys: readonly string[],
): Promise<readonly (T | null)[]> {
  // The SDK waits for several of its promises only if it joins them itself; that `get` gives one its types do not say.
  const values = keys.map((key) => ctx.get<T>(key) as RestatePromise<T | null>);
  return RestatePromise.all(values);
}
