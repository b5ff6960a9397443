// The connections to one address. The first carries one call at a time, on a socket that Node reads without us; as
// soon as calls overlap there is a second that they share, and that can tell which call broke it (frame-watch.ts).
import type { Clock } from "../../kernel/clock.ts";
import { type Attempt, CONNECT_MS, openConnection, silentFault } from "./attempt.ts";
import type { Connection } from "./connection.ts";
import type { Route } from "./dial.ts";
import type { Fault } from "./fault.ts";

export interface Pool {
  /** A connection that takes a call now. */
  pick(): Connection | undefined;
  /**
   * Sees to it that `calls` more can be carried, as far as connections help.
   * @param isNeeded whether there is no other address to go to: if there is, one that has failed is left alone a while
   */
  grow(calls: number, isNeeded: boolean): void;
  /**
   * Its turn has come while others serve: sees to it that it has a connection again for calls to come. None waits for
   * it, so it does not hold the process alive, and an address that has failed is left alone a while.
   */
  renew(): void;
  readonly isReady: boolean;
  readonly isConnecting: boolean;
  /** What a call waits for whose deadline comes while a connection is made. */
  silence(): Fault | undefined;
  /** No call waits any more. */
  abandon(): void;
  /** Ends each connection with its last call. */
  retire(): void;
  /** Ends everything at once. */
  destroy(): void;
}

export interface PoolOptions {
  readonly clock: Clock;
  readonly keepaliveMs: () => number;
  readonly onTooManyPings: () => void;
  /** A call may be started, or none can be any longer on a connection that is gone. */
  readonly onChange: () => void;
  /** A connection was lost or did not come about. */
  readonly onDoubt: () => void;
  /** No connection came about that took a call, and none is being made. */
  readonly onFailed: (fault: Fault) => void;
}

const ROLES = ["solo", "shared"] as const;
type Role = (typeof ROLES)[number];
const otherOf = (role: Role): Role => (role === "solo" ? "shared" : "solo");
type Slot =
  | { readonly state: "none" }
  | {
      readonly state: "connecting";
      readonly attempt: Attempt;
      readonly begunAt: number;
      abandonedAt?: number;
      isSecondHand?: boolean;
    }
  | { readonly state: "ready"; readonly connection: Connection };

const NONE: Slot = { state: "none" };

/** An attempt that nobody has waited for so long is begun anew by the next call: what it waits for may be gone. */
const STALE_MS = 1000;
/** A peer that ends a connection sooner, with no call ever on it, has refused it. */
const PROVEN_MS = 1000;
const BACKOFF_MS = { first: 250, factor: 1.6, most: 5000 };

export function createPool(route: Route, options: PoolOptions): Pool {
  const { clock } = options;
  const slots: Record<Role, Slot> = { solo: NONE, shared: NONE };
  let failures = 0;
  let retryAt = Number.NEGATIVE_INFINITY;
  let isClosed = false;

  const connect = (role: Role): void => {
    const slot = slots[role];
    if (slot.state === "ready") return;
    if (slot.state === "connecting") {
      const { abandonedAt } = slot;
      if (abandonedAt === undefined) return;
      const isOnly = slots[otherOf(role)].state !== "ready";
      if (!isOnly && giveUpSilent(role)) return;
      if (!isOnly || clock.monotonic() - abandonedAt < STALE_MS) {
        delete slot.abandonedAt;
        slot.isSecondHand = true;
        slot.attempt.adopt();
        return;
      }
      slot.attempt.destroy();
    }
    let connection: Connection | undefined;
    let end: Fault | undefined;
    const attempt = openConnection(route, {
      clock,
      isShared: role === "shared",
      keepaliveMs: options.keepaliveMs,
      onTooManyPings: options.onTooManyPings,
      onFree: options.onChange,
      onGone(fault) {
        end = fault;
        const now = slots[role];
        if (now.state === "ready" && now.connection === connection) {
          slots[role] = NONE;
          if (!isClosed && !hasServed(connection)) return fail(role, fault);
          failures = 0;
        }
        options.onDoubt();
        options.onChange();
      },
    });
    slots[role] = { state: "connecting", attempt, begunAt: clock.monotonic() };
    void attempt.result.then((result) => {
      const now = slots[role];
      if (now.state !== "connecting" || now.attempt !== attempt) return;
      // The peer may have gone in the same breath in which it came: nobody would hear of that once more.
      if (result.ok && !result.value.isGone) {
        connection = result.value;
        slots[role] = { state: "ready", connection };
        if (isClosed) connection.retire();
        else options.onChange();
        return;
      }
      slots[role] = NONE;
      // Begun for another call: what it met may be over by now.
      if (now.isSecondHand === true && now.abandonedAt === undefined && !isClosed) connect(role);
      else fail(role, result.ok ? (end ?? { kind: "lost" }) : result.error);
    });
  };

  /** Whether there was any good in it. */
  const hasServed = ({ wasUsed, readyMs }: Connection): boolean => wasUsed || clock.monotonic() - readyMs >= PROVEN_MS;

  const fail = (role: Role, fault: Fault): void => {
    failures += 1;
    const { first, factor, most } = BACKOFF_MS;
    retryAt = clock.monotonic() + Math.min(most, first * factor ** (failures - 1));
    options.onDoubt();
    const other = slots[otherOf(role)];
    if (other.state === "ready") shareOne();
    else if (other.state === "none") options.onFailed(fault);
  };

  /** The peer allows no second connection: one has to do for all. */
  const shareOne = (): void => {
    if (all().some((slot) => slot.state === "ready" && slot.connection.share())) options.onChange();
  };

  /** What a timer does to an attempt that calls wait for: here there is none, as it would hold the process alive. */
  const giveUpSilent = (role: Role): boolean => {
    const slot = slots[role];
    if (slot.state !== "connecting" || slot.abandonedAt === undefined) return false;
    if (clock.monotonic() - slot.begunAt < CONNECT_MS) return false;
    slot.attempt.destroy();
    slots[role] = NONE;
    fail(role, silentFault(route, slot.attempt.phase));
    return true;
  };

  const free = (slot: Slot): Connection | undefined =>
    slot.state === "ready" && slot.connection.canTake() ? slot.connection : undefined;
  const all = (): Slot[] => [slots.solo, slots.shared];
  const isReady = (): boolean => all().some((slot) => slot.state === "ready");
  const isConnecting = (): boolean => all().some((slot) => slot.state === "connecting");

  const abandon = (): void => {
    for (const slot of all()) {
      if (slot.state !== "connecting" || slot.abandonedAt !== undefined) continue;
      slot.abandonedAt = clock.monotonic();
      slot.attempt.abandon();
    }
  };

  const renew = (): void => {
    if (isClosed || isReady()) return;
    if (isConnecting()) {
      for (const role of ROLES) giveUpSilent(role);
    } else if (clock.monotonic() >= retryAt) {
      connect("solo");
      abandon();
    }
  };

  return {
    pick() {
      return free(slots.solo) ?? free(slots.shared);
    },
    grow(calls, isNeeded) {
      if (!isNeeded && !isReady()) return renew();
      const { solo } = slots;
      const isSoloFree = solo.state !== "ready" || solo.connection.hasRoom;
      const isSharing = calls > (isSoloFree ? 1 : 0);
      if (!isNeeded && clock.monotonic() < retryAt) return isSharing ? shareOne() : undefined;
      if (calls > 0) connect("solo");
      if (isSharing) connect("shared");
    },
    renew,
    get isReady() {
      return isReady();
    },
    get isConnecting() {
      return isConnecting();
    },
    silence() {
      const slot = all().find((one) => one.state === "connecting");
      return slot?.state === "connecting" ? silentFault(route, slot.attempt.phase) : undefined;
    },
    abandon,
    retire() {
      isClosed = true;
      for (const slot of all()) {
        if (slot.state === "connecting") slot.attempt.destroy();
        if (slot.state === "ready") slot.connection.retire();
      }
    },
    destroy() {
      isClosed = true;
      for (const slot of all()) {
        if (slot.state === "connecting") slot.attempt.destroy();
        if (slot.state === "ready") slot.connection.destroy();
      }
    },
  };
}
