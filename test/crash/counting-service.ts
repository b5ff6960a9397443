import { createRpcError, type RunningService, type ServiceLog, serve } from "../../src/service/index.ts";

/** One call as the service saw it. */
export interface CountedCall {
  readonly runId: string;
  readonly nodeId: string;
  readonly attempt: number;
  readonly key: string;
  /** Which process of the run made it, as that process's own metadata says: exact, whenever the call arrives. */
  readonly life: number;
  /** By the machine's monotonic clock, which all processes share: nanoseconds. */
  readonly arrivedNs: bigint;
  endedNs?: bigint;
  /** `cut`: the caller was gone before the answer. */
  end: "open" | "answered" | "cut";
}

export interface Reply {
  readonly kind: "ok" | "unavailable" | "failure";
  /** `Infinity`: never answered while the caller is there. */
  readonly delayMs: number;
  /** Answered not before this, either. */
  readonly until?: Promise<void>;
}

/** How the service treats the calls of one run. */
export interface Script {
  /** @param nth of this node, from 1 */
  reply(call: CountedCall, nth: number): Reply;
}

export interface CountingService {
  readonly address: string;
  /** All calls of a run, in order of arrival. */
  callsOf(runId: string): readonly CountedCall[];
  /** From now on the run's calls are answered so. */
  play(runId: string, script: Script): void;
  /** Hears of each call as it arrives, before anything else happens; one listener a run. */
  onCall(runId: string, listener: ((call: CountedCall) => void) | undefined): void;
  /** Resolves when no call of this life is open: all are answered or cut. */
  quiet(runId: string, life: number): Promise<void>;
  close(): Promise<void>;
}

/** The header by which each process of a run tells the service which one it is. */
export const LIFE_HEADER = "x-life";

const silent: ServiceLog = { info() {}, warn() {}, error() {}, with: () => silent };

/** A pipeline service that counts, and that may answer late, badly or never, as a script says. */
export async function startCountingService(): Promise<CountingService> {
  const calls = new Map<string, CountedCall[]>();
  const scripts = new Map<string, Script>();
  const listeners = new Map<string, (call: CountedCall) => void>();
  const open = new Map<CountedCall, Promise<void>>();
  const callsOf = (runId: string): CountedCall[] => {
    const known = calls.get(runId) ?? [];
    calls.set(runId, known);
    return known;
  };

  const openOf = (runId: string, life: number): readonly Promise<void>[] =>
    [...open].flatMap(([call, ended]) => (call.runId === runId && call.life === life ? [ended] : []));

  const service: RunningService = await serve({
    name: "counting",
    port: 0,
    signals: [],
    log: silent,
    async execute(_request, context) {
      const call: CountedCall = {
        runId: context.runId ?? "",
        nodeId: context.nodeId ?? "",
        attempt: context.attempt ?? 0,
        key: context.idempotencyKey ?? "",
        life: Number(context.metadata(LIFE_HEADER) ?? Number.NaN),
        arrivedNs: process.hrtime.bigint(),
        end: "open",
      };
      const known = callsOf(call.runId);
      known.push(call);
      const nth = known.filter((other) => other.nodeId === call.nodeId).length;
      const reply = scripts.get(call.runId)?.reply(call, nth) ?? { kind: "ok", delayMs: 0 };
      const ended = Promise.withResolvers<void>();
      open.set(call, ended.promise);
      try {
        listeners.get(call.runId)?.(call);
        await Promise.all([wait(reply.delayMs, context.signal), untilOrCut(reply.until, context.signal)]);
        call.end = context.signal.aborted ? "cut" : "answered";
        call.endedNs = process.hrtime.bigint();
      } finally {
        open.delete(call);
        ended.resolve();
      }
      if (reply.kind === "unavailable") throw createRpcError("UNAVAILABLE", "not just now");
      if (reply.kind === "failure") throw new Error("it is broken");
      return `did ${call.nodeId}`;
    },
  });

  return {
    address: service.address,
    callsOf,
    play: (runId, script) => void scripts.set(runId, script),
    onCall(runId, listener) {
      if (listener === undefined) listeners.delete(runId);
      else listeners.set(runId, listener);
    },
    async quiet(runId, life) {
      for (let left = openOf(runId, life); left.length > 0; left = openOf(runId, life)) await Promise.all(left);
    },
    close: () => service.close(0),
  };
}

/** Resolves after `ms`, or when the caller has gone. */
function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = Number.isFinite(ms) ? setTimeout(done, ms) : undefined;
    if (signal.aborted) done();
    else signal.addEventListener("abort", done);
  });
}

async function untilOrCut(until: Promise<void> | undefined, signal: AbortSignal): Promise<void> {
  if (until !== undefined) await Promise.race([until, wait(Number.POSITIVE_INFINITY, signal)]);
}
