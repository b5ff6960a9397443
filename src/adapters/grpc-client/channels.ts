import type { Target } from "../../kernel/target.ts";
import { type Channel, type ChannelOptions, createChannel } from "./channel.ts";
import type { TlsOptions } from "./trust.ts";

/** What distinguishes the channels of one program; all else they have in common. */
export type Way = Pick<ChannelOptions, "proxy"> & { readonly target: Target; readonly tls?: TlsOptions };

/** Channels that are shared by whoever calls the same target, as the same client, trusting the same, the same way. */
export interface Channels {
  to(way: Way): Channel;
  /** For good. Calls that are under way go on to their end. */
  close(): void;
}

export function createChannels(common: Omit<ChannelOptions, "tls" | "proxy">): Channels {
  const channels = new Map<string, Channel>();
  let isClosed = false;
  return {
    to({ target, tls, proxy = "auto" }) {
      const key = keyOf(target, tls, proxy);
      const known = channels.get(key);
      if (known !== undefined) return known;
      const channel = createChannel(target, { ...common, proxy, ...(tls === undefined ? {} : { tls }) });
      if (isClosed) channel.close();
      else channels.set(key, channel);
      return channel;
    },
    close() {
      isClosed = true;
      for (const channel of channels.values()) channel.close();
      channels.clear();
    },
  };
}

/** Absolute paths stand for their files: what is in them may change, and is read with each new connection. */
function keyOf(target: Target, tls: TlsOptions | undefined, proxy: string): string {
  const { caFile, certFile, keyFile, serverName } = tls ?? {};
  const own = [caFile, certFile, keyFile, serverName].map((one) => one ?? null);
  return JSON.stringify([target, tls === undefined ? null : own, proxy]);
}
