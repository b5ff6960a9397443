import { type Context, type InvocationPromise, type Serde, serde } from "@restatedev/restate-sdk";

/** Which handler of a service, or of an object with its key. */
export interface Handler {
  readonly service: string;
  readonly method: string;
  readonly key?: string;
}

const jsonOf = <T>(): Serde<T> => serde.json as unknown as Serde<T>;

/** Calls a handler with JSON; it answers with JSON. */
export function callHandler<I, O>(ctx: Context, handler: Handler, parameter: I): InvocationPromise<O> {
  return ctx.genericCall<I, O>({ ...handler, parameter, inputSerde: jsonOf(), outputSerde: jsonOf() });
}
