import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { describeFailure } from "../../kernel/describe-failure.ts";
import { BusbarError } from "../../kernel/errors.ts";
import { endpointsOf, isLoopback } from "../../workflow/model/address.ts";
import type { Service, Tls } from "../../workflow/model/service.ts";
import type { Template } from "../../workflow/model/template.ts";
import { Channel, ChannelCredentials, type ChannelOptions, ConnectivityState } from "./grpc-js.ts";

/** The right to use a channel; given back when the call has ended. */
export interface Lease {
  readonly channel: Channel;
  /** @param healthy whether the call was answered; a channel without a connection is not used again otherwise */
  release(healthy: boolean): void;
}

/** One channel per address, TLS and message size, kept over calls and runs. */
export interface Channels {
  /** @throws BusbarError SERVICE_TLS where a file of its tls cannot be read or used */
  lease(service: Service): Lease;
  /** For good. Calls that still run go on to their end. */
  close(): void;
}

interface Entry {
  readonly key: string;
  readonly channel: Channel;
  users: number;
  retired: boolean;
}

export function createChannels(): Channels {
  const entries = new Map<string, Entry>();
  const keys = new WeakMap<Service, string>();
  let closed = false;

  const keyOf = (service: Service): string => {
    const known = keys.get(service);
    if (known !== undefined) return known;
    const { caFile, certFile, keyFile, serverName } = service.tls ?? {};
    const tls = service.tls === undefined ? null : [caFile, certFile, keyFile, serverName].map((one) => one ?? null);
    const key = JSON.stringify([service.address, tls, service.maxMessageBytes]);
    keys.set(service, key);
    return key;
  };

  const retire = (entry: Entry): void => {
    entry.retired = true;
    if (entries.get(entry.key) === entry) entries.delete(entry.key);
    if (entry.users === 0) entry.channel.close();
  };

  return {
    lease(service) {
      if (closed) throw new BusbarError("INTERNAL", `${service.name} was to be called by an executor that is closed`);
      const key = keyOf(service);
      let entry = entries.get(key);
      if (entry === undefined) {
        entry = { key, channel: openChannel(service), users: 0, retired: false };
        entries.set(key, entry);
      }
      const leased = entry;
      leased.users += 1;
      return {
        channel: leased.channel,
        release(healthy) {
          leased.users -= 1;
          // A channel that has lost its peer answers from memory while it backs off, and one that waits
          // for a silent peer waits for ever. A new one resolves the name and connects at once.
          if (leased.retired || (!healthy && leased.channel.getConnectivityState(false) !== ConnectivityState.READY)) {
            retire(leased);
          }
        },
      };
    },
    close() {
      closed = true;
      for (const entry of entries.values()) entry.channel.close();
      entries.clear();
    },
  };
}

/** Text of a service that was bound before it came here. */
export function boundText(template: Template): string {
  if (typeof template === "string") return template;
  throw new BusbarError("INTERNAL", "a service reached the executor with references that are not filled in");
}

/**
 * gRPC servers built on the C core (Python, C++, Ruby) end a connection that
 * pings more often than every five minutes, call in flight and all.
 */
const KEEPALIVE_MS = 330_000;

function openChannel(service: Service): Channel {
  const address = boundText(service.address);
  return new Channel(address, openCredentials(service), {
    // X1: who retries is the engine.
    "grpc.enable_retries": 0,
    "grpc.service_config_disable_resolution": 1,
    "grpc.enable_channelz": 0,
    // Two executors, or two generations of a channel, share no connection state.
    "grpc.use_local_subchannel_pool": 1,
    "grpc.max_send_message_length": service.maxMessageBytes,
    "grpc.max_receive_message_length": service.maxMessageBytes,
    "grpc.keepalive_time_ms": KEEPALIVE_MS,
    "grpc.keepalive_timeout_ms": 20_000,
    "grpc.keepalive_permit_without_calls": 0,
    "grpc.initial_reconnect_backoff_ms": 250,
    "grpc.max_reconnect_backoff_ms": 5000,
    "grpc.dns_min_time_between_resolutions_ms": 1000,
    ...(isLoopback(address) ? { "grpc.enable_http_proxy": 0 } : {}),
    ...(mayHaveReplicas(address) ? { "grpc.service_config": ROUND_ROBIN } : {}),
    ...nameOverride(service.tls),
  });
}

const ROUND_ROBIN = JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] });

/**
 * Several containers behind one name, and several addresses, share the calls. Not so for `localhost`,
 * whose IPv4 and IPv6 ports may belong to different programs.
 */
function mayHaveReplicas(address: string): boolean {
  const endpoints = endpointsOf(address) ?? [];
  return (
    endpoints.length > 1 || (!isLoopback(address) && endpoints.some((one) => "host" in one && isIP(one.host) === 0))
  );
}

function nameOverride(tls: Tls | undefined): ChannelOptions {
  if (tls?.serverName === undefined) return {};
  return { "grpc.ssl_target_name_override": tls.serverName, "grpc.default_authority": tls.serverName };
}

function openCredentials(service: Service): ChannelCredentials {
  const { tls } = service;
  if (tls === undefined) return ChannelCredentials.createInsecure();
  const read = (what: string, file: Template | undefined): Buffer | null => {
    if (file === undefined) return null;
    try {
      return readFileSync(boundText(file));
    } catch (cause) {
      throw tlsError(service, `its ${what} ${boundText(file)} cannot be read: ${describeFailure(cause)}`, cause);
    }
  };
  const [ca, cert, key] = [read("ca_file", tls.caFile), read("cert_file", tls.certFile), read("key_file", tls.keyFile)];
  try {
    return ChannelCredentials.createSsl(ca, key, cert);
  } catch (cause) {
    throw tlsError(service, `its tls files cannot be used: ${describeFailure(cause)}`, cause);
  }
}

function tlsError(service: Service, problem: string, cause: unknown): BusbarError {
  return new BusbarError("SERVICE_TLS", `${service.name} at ${boundText(service.address)}: ${problem}`, { cause });
}
