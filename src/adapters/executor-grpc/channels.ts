import { BusbarError } from "../../kernel/errors.ts";
import { parseTarget } from "../../kernel/target.ts";
import type { Service, Tls } from "../../workflow/model/service.ts";
import type { Template } from "../../workflow/model/template.ts";
import { createChannels, type SharedChannel, type Way } from "../grpc-client/channels.ts";
import type { TlsOptions } from "../grpc-client/trust.ts";

/** The channel of each service; services that are reached the same way share one, over calls and runs. */
export interface ServiceChannels {
  of(service: Service): SharedChannel;
  /** For good. Calls that still run go on to their end. */
  close(): void;
}

export function createServiceChannels(common: Parameters<typeof createChannels>[0]): ServiceChannels {
  const channels = createChannels(common);
  const known = new WeakMap<Service, SharedChannel>();
  return {
    of(service) {
      const channel = known.get(service) ?? channels.to(wayTo(service));
      known.set(service, channel);
      return channel;
    },
    close: () => channels.close(),
  };
}

function wayTo(service: Service): Way {
  const address = boundText(service.address);
  const target = parseTarget(address);
  // The workflow was read with the same grammar.
  if (!target.ok) throw new BusbarError("INTERNAL", `the address ${address} of ${service.name} ${target.error}`);
  const { tls, proxy } = service;
  return { target: target.value, proxy, ...(tls === undefined ? {} : { tls: tlsOptions(tls) }) };
}

function tlsOptions({ caFile, certFile, keyFile, serverName }: Tls): TlsOptions {
  return {
    ...(caFile === undefined ? {} : { caFile: boundText(caFile) }),
    ...(certFile === undefined ? {} : { certFile: boundText(certFile) }),
    ...(keyFile === undefined ? {} : { keyFile: boundText(keyFile) }),
    ...(serverName === undefined ? {} : { serverName }),
  };
}

/** Text of a service that was bound before it came here. */
export function boundText(template: Template): string {
  if (typeof template === "string") return template;
  throw new BusbarError("INTERNAL", "a service reached the executor with references that are not filled in");
}
