// A channel of the gRPC client to a peer, as tests of it need one.
import { type Channel, type ChannelOptions, createChannel } from "../../adapters/grpc-client/channel.ts";
import { createSystemClock } from "../../adapters/system/clock.ts";
import { parseTarget } from "../../kernel/target.ts";

/** Closed with the block that opened it; nothing of the environment counts unless given. */
export function channelTo(target: string, options: Partial<ChannelOptions> = {}): Channel & Disposable {
  const parsed = parseTarget(target);
  if (!parsed.ok) throw new Error(`target ${target} ${parsed.error}`);
  const channel = createChannel(parsed.value, { clock: createSystemClock(), env: {}, ...options });
  return {
    unary: channel.unary,
    open: channel.open,
    get isReady() {
      return channel.isReady;
    },
    get isIdle() {
      return channel.isIdle;
    },
    close: channel.close,
    [Symbol.dispose]: channel.close,
  };
}
