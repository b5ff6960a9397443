import type { Context, internal, RestatePromise as Promised, TerminalError } from "@restatedev/restate-sdk";
import { askedSignal } from "../../../adapters/restate/names.ts";
import type { Input, Timer } from "../../../engine/inputs.ts";
import type { RequestRecord } from "../../../ports/requests.ts";
import { createFirstOf } from "./first-of.ts";
import { createTimers } from "./timers.ts";

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
  /** @param dueMs milliseconds since 1970 */
  arm(timer: Timer, dueMs: number): void;
  disarm(timer: Timer): void;
  /** Waits for requests, from the one of this number on. */
  listen(requestId: number): void;
  /** @param nowMs the latest moment that anything that has arrived tells of */
  next(nowMs: number): Promise<Arrival>;
}

interface Settled {
  readonly name: string;
  readonly value?: unknown;
  readonly failure?: TerminalError;
}

type Arrive = (settled: Settled) => Arrival | undefined;

/** Who has cancelled a run by the means of Restate, which know nobody. */
const RESTATE = "restate";

export function createArrivals(ctx: Context): Arrivals {
  // What the SDK offers for this it calls internal, and experimental.
  const { cancellation } = ctx as unknown as Pick<internal.ContextInternal, "cancellation">;
  const here: Arrival[] = [];
  const expected = new Map<string, Arrive>();
  const firstOf = createFirstOf<Settled>();
  const timers = createTimers();
  /** What has run down tells what time it is, for those that nobody sleeps for. */
  let ranDownMs = 0;
  let cancels = 0;

  function expect<T>(
    name: string,
    promise: Promised<T>,
    arrive: (value: T | undefined, failure?: TerminalError) => Arrival | undefined,
  ): void {
    expected.set(name, ({ value, failure }) => arrive(value as T | undefined, failure));
    firstOf.set(
      name,
      promise.map((value, failure) => ({ name, value, ...(failure === undefined ? {} : { failure }) })),
    );
  }

  function forget(name: string): void {
    expected.delete(name);
    firstOf.delete(name);
  }

  function listen(requestId: number): void {
    expect("asked", ctx.signal<RequestRecord>(askedSignal(requestId)), (request) => {
      listen(requestId + 1);
      const asked = request ?? { id: requestId, kind: "unknown", by: RESTATE, at: "" };
      return { input: { type: "asked", request: asked }, atMs: Date.parse(asked.at) || 0 };
    });
  }

  /** Of all timers only the earliest has to be slept for: thousands of nodes may wait to be tried again. */
  function listenForTimer(nowMs: number): void {
    const earliest = timers.earliest();
    if (earliest === undefined || expected.has(earliest.name)) return;
    const { name, dueMs } = earliest;
    expect(name, ctx.sleep(Math.max(dueMs - nowMs, 0)), () => {
      ranDownMs = Math.max(ranDownMs, dueMs);
      return undefined;
    });
  }

  function disarm(timer: Timer): void {
    const name = timers.disarm(timer);
    if (name !== undefined) forget(name);
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
    forget,
    listen,
    arm(timer, dueMs) {
      disarm(timer);
      timers.arm(timer, dueMs);
    },
    disarm,
    async next(nowMs) {
      const first = here.shift();
      if (first !== undefined) return first;
      for (;;) {
        const due = timers.takeDue(ranDownMs);
        if (due !== undefined) {
          forget(due.name);
          return { input: { type: "due", timer: due.timer }, atMs: due.dueMs };
        }
        listenForTimer(nowMs);
        const settled = await firstOf.next();
        const arrive = expected.get(settled.name);
        forget(settled.name);
        if (arrive === undefined) throw new Error(`nothing called ${settled.name} was waited for`);
        const arrived = arrive(settled);
        if (arrived !== undefined) return arrived;
      }
    },
  };
}
