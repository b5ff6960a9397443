// Which call goes over which connection, and when: names become addresses, addresses share the calls in turn, and
// calls wait in one line for a connection or a stream.
import type { CancelTimer, Clock } from "../../kernel/clock.ts";
import { type Endpoint, formatEndpoint, hostOf, isLocal, type Target } from "../../kernel/target.ts";
import type { Connection } from "./connection.ts";
import type { Fault } from "./fault.ts";
import type { Guard } from "./guard.ts";
import { createPool, type Pool } from "./pool.ts";
import type { HttpProxy } from "./proxy.ts";
import { createResolver, type Lookup } from "./resolve.ts";
import { Code } from "./status.ts";
import type { Environment, TlsOptions } from "./trust.ts";

/** A call that is to be started on some connection. */
export interface Pending {
  /** @returns whether the connection took it; if not it waits for another */
  start(connection: Connection): boolean;
  fail(code: number, fault: Fault): void;
  /** The dispatcher's own: some connection took it. Should it come back it is not refused, and goes first. */
  wasTaken?: boolean;
}

export interface Dispatcher {
  submit(pending: Pending): void;
  /** Takes back a call that waits; says for what. */
  withdraw(pending: Pending): Fault;
  /** Whether a connection is there. */
  readonly isReady: boolean;
  /** Calls that wait fail; those under way go on to their end. */
  close(): void;
}

export interface DispatcherOptions {
  readonly target: Target;
  readonly tls?: TlsOptions;
  readonly proxy?: HttpProxy;
  readonly env: Environment;
  readonly clock: Clock;
  readonly lookup?: Lookup;
  readonly guard?: Guard;
}

export const MAX_WAITING = 1000;

/** While a name is looked up, the addresses that it had are tried again so often: the look-up may hang. */
export const TRY_KNOWN_MS = 1000;

/**
 * gRPC servers built on the C core (Python, C++, Ruby) end a connection that pings more often than every five minutes,
 * call in flight and all.
 */
const KEEPALIVE_MS = 330_000;

export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { target, clock, proxy, guard } = options;
  // A proxy looks names up itself, and nobody sees what they lead to.
  const isLookedUp =
    target.kind === "dns" && (proxy === undefined || guard?.admitsName(target.host, target.port) === false);
  const resolver = target.kind === "dns" && isLookedUp ? createResolver(target.host, clock, options.lookup) : undefined;
  // Not the name `localhost`: its IPv4 and IPv6 ports may belong to different programs.
  const isInTurn = target.kind === "ip" || !isLocal(target);
  const pools = new Map<string, Pool>();
  /** Addresses that have failed since the last call or connection that did not, in this order, and what they said. */
  const failed = new Map<Pool, Fault>();
  let waiting: Pending[] = [];
  let turn = 0;
  let keepaliveMs = KEEPALIVE_MS;
  let isClosed = false;
  let isDispatching = false;
  let cancelRetry: CancelTimer | undefined;

  const addPool = (endpoint: Endpoint): void => {
    const route = {
      endpoint,
      host: hostOf(target),
      env: options.env,
      ...(options.tls === undefined ? {} : { tls: options.tls }),
      ...(proxy === undefined ? {} : { proxy }),
      ...(guard === undefined ? {} : { guard }),
    };
    const pool: Pool = createPool(route, {
      clock,
      keepaliveMs: () => keepaliveMs,
      onTooManyPings: () => {
        keepaliveMs *= 2;
      },
      onChange: dispatch,
      onDoubt: () => resolver?.doubt(),
      onFailed: (fault) => onFailed(pool, fault),
    });
    pools.set(formatEndpoint(endpoint), pool);
  };

  const adopt = (endpoints: readonly Endpoint[]): void => {
    const wanted = new Set(endpoints.map(formatEndpoint));
    for (const [address, pool] of pools) {
      if (wanted.has(address)) continue;
      pools.delete(address);
      failed.delete(pool);
      pool.retire();
    }
    for (const endpoint of endpoints) if (!pools.has(formatEndpoint(endpoint))) addPool(endpoint);
  };

  const pickFirst = (): Connection | undefined => {
    for (const pool of pools.values()) {
      const connection = pool.pick();
      if (connection !== undefined) return connection;
    }
    return undefined;
  };

  const pick = (): Connection | undefined => {
    if (!isInTurn) return pickFirst();
    const list = [...pools.values()];
    for (let step = 0; step < list.length; step += 1) {
      const at = (turn + step) % list.length;
      const connection = list[at]?.pick();
      if (connection === undefined) continue;
      for (let skipped = 0; skipped < step; skipped += 1) renew(list[(turn + skipped) % list.length]);
      turn = at + 1;
      return connection;
    }
    return undefined;
  };

  /** Its turn has come; another address takes the call. */
  const renew = (pool: Pool | undefined): void => {
    if (pool === undefined || pool.isReady) return;
    pool.renew();
    // The name may have moved on from it.
    if (resolver?.isDue() === true && !resolver.isResolving) lookUp();
  };

  /** No call waits any more, for any connection that is being made. */
  const abandon = (): void => {
    stopRetry();
    for (const pool of pools.values()) pool.abandon();
  };

  function dispatch(): void {
    // A call that ends as it is started frees its stream at once, and would come here again.
    if (isDispatching || waiting.length === 0) return;
    isDispatching = true;
    for (;;) {
      const pending = waiting[0];
      const connection = pending === undefined ? undefined : pick();
      if (connection === undefined || pending === undefined) break;
      // It waits until it is taken: a connection that ends over it may fail all that wait.
      if (start(pending, connection)) stopWaiting(pending);
    }
    isDispatching = false;
    if (waiting.length === 0) abandon();
    seekConnections();
  }

  const stopWaiting = (pending: Pending): void => {
    const at = waiting.indexOf(pending);
    if (at >= 0) waiting.splice(at, 1);
  };

  const start = (pending: Pending, connection: Connection): boolean => {
    if (failed.size > 0) failed.clear();
    if (!pending.start(connection)) return false;
    pending.wasTaken = true;
    return true;
  };

  function seekConnections(): void {
    if (isClosed || waiting.length === 0) return;
    // The addresses that are known are tried meanwhile: a look-up may fail, or hang, while one of them answers.
    if (resolver?.isDue() === true && !resolver.isResolving) lookUp();
    const isReady = isSomeReady();
    const list = candidates();
    const calls = Math.ceil(waiting.length / Math.max(list.length, 1));
    for (const pool of list) pool.grow(calls, !isReady);
  }

  /** The addresses that may take the calls that wait. */
  const candidates = (): readonly Pool[] => {
    const list = [...pools.values()].filter((pool) => pool.isReady || !failed.has(pool));
    if (isInTurn) return list;
    // Where one has answered the calls stay, whatever comes before it: that may be dead, or another program.
    const one = list.find((pool) => pool.isReady) ?? list[0];
    return one === undefined ? [] : [one];
  };

  const lookUp = (): void => {
    if (resolver === undefined || target.kind !== "dns") return;
    void resolver.resolve().then((found) => {
      if (isClosed) return;
      stopRetry();
      if (found.ok) {
        adopt(found.value.map((host) => ({ host, port: target.port })));
        dispatch();
      } else if (pools.size === 0) {
        return failAll({ kind: "unresolvable", host: target.host, code: found.error });
      }
      failIfNoneIsLeft();
    });
  };

  const isSomeReady = (): boolean => {
    for (const pool of pools.values()) if (pool.isReady) return true;
    return false;
  };

  const onFailed = (pool: Pool, fault: Fault): void => {
    failed.set(pool, fault);
    const others = [...pools.values()].filter((one) => one !== pool);
    if (others.some((one) => one.isReady || one.isConnecting)) return;
    if (others.some((one) => !failed.has(one))) seekConnections();
    else failIfNoneIsLeft();
  };

  /** Whether every address has failed, and none is being connected to. */
  const isNoneLeft = (): boolean =>
    [...pools.values()].every((pool) => failed.has(pool) && !pool.isReady && !pool.isConnecting);

  /** The calls are told what the last address said, once no look-up may bring others any more. */
  const failIfNoneIsLeft = (): void => {
    const fault = lastFault();
    if (fault === undefined || !isNoneLeft()) return;
    if (resolver?.isResolving === true) {
      if (waiting.length > 0) cancelRetry ??= clock.after(TRY_KNOWN_MS, retry);
      return;
    }
    // Also where they failed while it was looked up.
    resolver?.doubt();
    failAll(fault);
  };

  const lastFault = (): Fault | undefined => [...failed.values()].at(-1);

  const retry = (): void => {
    stopRetry();
    failed.clear();
    seekConnections();
  };

  function stopRetry(): void {
    cancelRetry?.();
    cancelRetry = undefined;
  }

  const failAll = (fault: Fault): void => {
    failed.clear();
    const failing = waiting;
    waiting = [];
    abandon();
    for (const pending of failing) pending.fail(Code.UNAVAILABLE, fault);
  };

  /** For what a call waits. */
  const reasonToWait = (): Fault => {
    if (isSomeReady()) return { kind: "queued" };
    for (const pool of pools.values()) {
      const fault = pool.silence();
      if (fault !== undefined) return fault;
    }
    if (target.kind !== "dns" || resolver?.isResolving !== true) return { kind: "queued" };
    return lastFault() ?? { kind: "resolving", host: target.host };
  };

  if (target.kind === "unix") adopt([{ path: target.path }]);
  else if (target.kind === "ip") adopt(target.endpoints);
  // A proxy is given the name, and looks it up itself.
  else if (resolver === undefined) adopt([{ host: target.host, port: target.port }]);

  return {
    get isReady() {
      return isSomeReady();
    },
    submit(pending) {
      if (isClosed) return pending.fail(Code.UNAVAILABLE, { kind: "channelClosed" });
      if (waiting.length === 0) {
        for (;;) {
          const connection = pick();
          if (connection === undefined) break;
          if (start(pending, connection)) return;
        }
      }
      if (pending.wasTaken === true) {
        // Behind those that have come back before it.
        waiting.splice(waiting.findLastIndex((one) => one.wasTaken === true) + 1, 0, pending);
      } else if (waiting.length < MAX_WAITING) {
        waiting.push(pending);
      } else {
        return pending.fail(Code.RESOURCE_EXHAUSTED, { kind: "crowded", waiting: waiting.length });
      }
      // Of what failed under earlier calls nobody knows whether it would now. Those that still wait, for a look-up that
      // hangs, have tried every address; this one does so too.
      if (failed.size > 0 && (waiting.length === 1 || isNoneLeft())) failed.clear();
      seekConnections();
    },
    withdraw(pending) {
      const fault = reasonToWait();
      stopWaiting(pending);
      if (waiting.length === 0) {
        abandon();
        if (fault.kind === "silent") resolver?.doubt();
      }
      return fault;
    },
    close() {
      if (isClosed) return;
      isClosed = true;
      failAll({ kind: "channelClosed" });
      for (const pool of pools.values()) pool.retire();
    },
  };
}
