import {
  type Context,
  type internal,
  type RestatePromise as Promised,
  RestatePromise,
  type TerminalError,
} from "@restatedev/restate-sdk";
import { askedSignal } from "../../../adapters/restate/names.ts";
import type { Input } from "../../../engine/inputs.ts";
import type { RequestRecord } from "../../../ports/requests.ts";

/** Something that a drive waits for, and when it happened. */
export interface Arrival {
  readonly input: Input;
  /** Milliseconds since 1970. */
  readonly atMs: number;
}

/** What a drive waits for. It is given one at a time, in the order in which Restate has recorded it. */
export interface Arrivals {
  /** What has arrived already. */
  add(arrival: Arrival): void;
  /** Something under a name of its own; another of that name takes its place. */
  expect<T>(
    name: string,
    promise: Promised<T>,
    arrive: (value: T | undefined, failure?: TerminalError) => Arrival,
  ): void;
  /** It is not waited for any more. */
  forget(name: string): void;
  /** Waits for requests, from the one of this number on. */
  listen(requestId: number): void;
  next(): Promise<Arrival>;
}

interface Settled {
  readonly name: string;
  readonly value?: unknown;
  readonly failure?: TerminalError;
}

interface Expected {
  readonly promise: Promised<Settled>;
  readonly arrive: (settled: Settled) => Arrival;
}

/** Who has cancelled a run by the means of Restate, which know nobody. */
const RESTATE = "restate";

export function createArrivals(ctx: Context): Arrivals {
  // What the SDK offers for this it calls internal, and experimental.
  const { cancellation } = ctx as unknown as Pick<internal.ContextInternal, "cancellation">;
  const here: Arrival[] = [];
  const expected = new Map<string, Expected>();
  let cancels = 0;

  function expect<T>(
    name: string,
    promise: Promised<T>,
    arrive: (value: T | undefined, failure?: TerminalError) => Arrival,
  ): void {
    expected.set(name, {
      promise: promise.map((value, failure) => ({ name, value, ...(failure === undefined ? {} : { failure }) })),
      arrive: ({ value, failure }) => arrive(value as T | undefined, failure),
    });
  }

  function listen(requestId: number): void {
    expect("asked", ctx.signal<RequestRecord>(askedSignal(requestId)), (request) => {
      listen(requestId + 1);
      const asked = request ?? { id: requestId, kind: "unknown", by: RESTATE, at: "" };
      return { input: { type: "asked", request: asked }, atMs: Date.parse(asked.at) || 0 };
    });
  }

  /** Somebody cancels the drive as Restate cancels anything: the run is cancelled. */
  function listenForCancel(): void {
    expect("cancel", cancellation.call(ctx), () => {
      listenForCancel();
      // No request has this number, and the next cancel has another.
      cancels += 1;
      const request = { id: Number.MAX_SAFE_INTEGER - cancels, kind: "cancel", by: RESTATE };
      return { input: { type: "asked", request }, atMs: 0 };
    });
  }
  listenForCancel();

  return {
    add: (arrival) => void here.push(arrival),
    expect,
    forget: (name) => void expected.delete(name),
    listen,
    async next() {
      const first = here.shift();
      if (first !== undefined) return first;
      const settled = await RestatePromise.race([...expected.values()].map(({ promise }) => promise));
      const found = expected.get(settled.name);
      expected.delete(settled.name);
      if (found === undefined) throw new Error(`nothing called ${settled.name} was waited for`);
      return found.arrive(settled);
    },
  };
}
