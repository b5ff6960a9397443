import { BusbarError, toErrorInfo } from "../kernel/errors.ts";
import type { Runtime } from "../ports/runtime.ts";

/**
 * A runtime of which nothing gets through but what can be cloned, as over a wire: arguments, answers, events and
 * errors. AbortSignals go as they are, and iterables item by item. What does not survive that has no place in the port.
 */
export function cloneThrough(runtime: Runtime): Runtime {
  return {
    start: (input) => call((one) => runtime.start(one), input),
    resume: (runId, options) => call((one) => runtime.resume(clone(runId), one), options),
    rerun: (runId, options) => call((one) => runtime.rerun(clone(runId), one), options),
    request: (input) => call((one) => runtime.request(one), input),
    get: (runId) => call((one) => runtime.get(one), runId),
    list: (filter) => call((one) => runtime.list(one), filter),
    resolve: (name) => call((one) => runtime.resolve(one), name),
    events: (runId, afterSeq, limit) => call((one) => runtime.events(one, afterSeq, limit), runId),
    findByKey: (key) => call((one) => runtime.findByKey(one), key),
    wait: (runId, options) => call((one) => runtime.wait(clone(runId), one), options),
    watch: (runId, options) => iterate(() => runtime.watch(clone(runId), cloneBesideSignal(options))),
    feed: (options) => iterate(() => runtime.feed(cloneBesideSignal(options))),
    logs: (runId, filter) => iterate(() => runtime.logs(clone(runId), cloneBesideSignal(filter))),
  };
}

async function call<I, O>(work: (input: I) => Promise<O>, input: I): Promise<O> {
  try {
    return clone(await work(cloneBesideSignal(input)));
  } catch (thrown) {
    throw cloneError(thrown);
  }
}

async function* iterate<T>(open: () => AsyncIterable<T>): AsyncIterable<T> {
  try {
    for await (const item of open()) yield clone(item);
  } catch (thrown) {
    throw cloneError(thrown);
  }
}

/** JSON and back, so that what only a structured clone could carry (a Map, a Date, undefined in a list) is lost too. */
function clone<T>(value: T): T {
  if (value === undefined) return value;
  const cloned: unknown = structuredClone(value);
  return JSON.parse(JSON.stringify(cloned));
}

function cloneBesideSignal<T>(input: T): T {
  if (typeof input !== "object" || input === null) return clone(input);
  const signals = Object.entries(input).filter(([, value]) => value instanceof AbortSignal);
  const others = Object.entries(input).filter(([, value]) => !(value instanceof AbortSignal));
  return { ...clone(Object.fromEntries(others)), ...Object.fromEntries(signals) } as T;
}

/** What a client at the other end of a wire makes of an error: what is not ours comes as INTERNAL. */
function cloneError(thrown: unknown): unknown {
  if (thrown instanceof DOMException) return thrown;
  const { code, message, details } = clone(toErrorInfo(thrown));
  return new BusbarError(code, message, details === undefined ? {} : { details });
}
