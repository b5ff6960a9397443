import type { Target } from "../../kernel/target.ts";
import { type Channel, type ChannelOptions, createChannel } from "./channel.ts";
import type { TlsOptions } from "./trust.ts";

/** What distinguishes the channels of one program; all else they have in common. */
export type Way = Pick<ChannelOptions, "proxy"> & { readonly target: Target; readonly tls?: TlsOptions };

/** A channel that several have; none of them closes it. */
export type SharedChannel = Pick<Channel, "unary" | "open" | "isReady">;

/**
 * Channels that are shared by whoever calls the same target, as the same client, trusting the same, the same way. What
 * no call has used for a while is given back, with its connections; a later call makes it anew.
 */
export interface Channels {
  to(way: Way): SharedChannel;
  /** For good. Calls that are under way go on to their end. */
  close(): void;
}

interface Kept {
  readonly shared: SharedChannel;
  readonly channel: Channel;
  usedMs: number;
}

/** As in gRPC (`grpc.client_idle_timeout_ms`). */
export const IDLE_MS = 1_800_000;
export const LOOK_MS = 60_000;

export function createChannels(common: Omit<ChannelOptions, "tls" | "proxy">): Channels {
  const { clock } = common;
  const channels = new Map<string, Kept>();
  let isClosed = false;
  /** Runs while there are channels, and never holds the process alive, which the clock's own timers do. */
  let looking: NodeJS.Timeout | undefined;

  const giveBack = (): void => {
    const now = clock.monotonic();
    for (const [key, kept] of channels) {
      if (!kept.channel.isIdle) kept.usedMs = now;
      if (now - kept.usedMs < IDLE_MS) continue;
      channels.delete(key);
      kept.channel.close();
    }
    if (channels.size === 0) stopLooking();
  };
  const stopLooking = (): void => {
    clearInterval(looking);
    looking = undefined;
  };

  const keep = (key: string, way: Way, shared: SharedChannel): Kept => {
    const { target, tls, proxy = "auto" } = way;
    const channel = createChannel(target, { ...common, proxy, ...(tls === undefined ? {} : { tls }) });
    const kept: Kept = { shared, channel, usedMs: clock.monotonic() };
    if (isClosed) {
      channel.close();
    } else {
      channels.set(key, kept);
      looking ??= setInterval(giveBack, LOOK_MS).unref();
    }
    return kept;
  };

  const share = (key: string, way: Way): SharedChannel => {
    const use = (): Channel => {
      const kept = channels.get(key) ?? keep(key, way, shared);
      kept.usedMs = clock.monotonic();
      return kept.channel;
    };
    const shared: SharedChannel = {
      unary: (path, request, options) => use().unary(path, request, options),
      open: (path, options) => use().open(path, options),
      get isReady() {
        return channels.get(key)?.channel.isReady === true;
      },
    };
    return shared;
  };

  return {
    to(way) {
      const key = keyOf(way);
      return channels.get(key)?.shared ?? keep(key, way, share(key, way)).shared;
    },
    close() {
      isClosed = true;
      stopLooking();
      for (const { channel } of channels.values()) channel.close();
      channels.clear();
    },
  };
}

/** Absolute paths stand for their files: what is in them may change, and is read with each new connection. */
function keyOf({ target, tls, proxy = "auto" }: Way): string {
  const { caFile, certFile, keyFile, serverName } = tls ?? {};
  const own = [caFile, certFile, keyFile, serverName].map((one) => one ?? null);
  return JSON.stringify([target, tls === undefined ? null : own, proxy]);
}
