// The address of a service: its sockets are Node's own, handed to grpc-js one by one. grpc-js would listen itself, but
// writes a line of its own to stderr where it cannot, and does not say of which connections there still are.
import { type LookupAddress, lookup } from "node:dns";
import { type AddressInfo, createServer, isIPv6, type Server as NetServer, type Socket } from "node:net";
import { promisify } from "node:util";
import type { ConnectionInjector } from "@grpc/grpc-js";
import { refuseArgument } from "../kernel/arguments.ts";
import { BusbarError } from "../kernel/errors.ts";

/** Where to listen. */
export interface Place {
  /** Without brackets. */
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
}

/** A port that takes connections. */
export interface Listening {
  readonly port: number;
  /** Takes no connection from now on. */
  stop(): void;
  /**
   * Waits until all connections have parted, but not longer than `graceMs`, and ends those that are left: grpc-js ends
   * its side of each, and a client that is frozen never ends the other.
   */
  part(graceMs: number): Promise<void>;
}

/** A name or an IP address, also `[::1]`; no port, no scheme. @throws BusbarError USAGE */
export function requireHost(argument: string, value: unknown): void {
  if (typeof value === "string" && (/^[^\s\p{Cc}:/[\]]+$/u.test(value) || isIPv6(withoutBrackets(value)))) return;
  refuseArgument(argument, "a host name or an IP address, without a port", value);
}

/** `[::1]` is how addresses with a port have it. */
export function withoutBrackets(host: string): string {
  return /^\[(.*)\]$/s.exec(host)?.[1] ?? host;
}

export function joinAddress(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/**
 * Listens on every address of the host.
 * @param name whose port it is
 * @throws BusbarError ADDRESS_UNAVAILABLE; nothing is left bound then
 */
export async function listen(injector: ConnectionInjector, name: string, place: Place): Promise<Listening> {
  const connections = trackConnections();
  const accept = (socket: Socket): void => {
    connections.add(socket);
    injector.injectConnection(socket);
  };
  const listeners: NetServer[] = [];
  const stop = (): void => {
    for (const listener of listeners) listener.close();
  };
  try {
    const port = await bindAll(listeners, accept, place);
    return { port, stop, part: connections.part };
  } catch (cause) {
    stop();
    const address = joinAddress(place.host, place.port);
    const reason = explain(cause as NodeJS.ErrnoException, place.host);
    throw new BusbarError("ADDRESS_UNAVAILABLE", `${name} cannot listen on ${address}: ${reason}`, { cause });
  }
}

/**
 * A name stands for all its addresses, which share a port. That one of them is not there (a machine without IPv6) is no
 * fault; that a part of the calls goes to another program would be one.
 *
 * @param listeners gets those that listen
 * @returns the port
 */
async function bindAll(listeners: NetServer[], accept: (socket: Socket) => void, place: Place): Promise<number> {
  let { port } = place;
  let missing: unknown;
  for (const address of await lookUp(place.host)) {
    const listener = createServer(accept);
    try {
      port = await bind(listener, address, port);
      listeners.push(listener);
    } catch (error) {
      if (!isMissing(error)) throw error;
      missing = error;
    }
  }
  if (listeners.length === 0) throw missing;
  return port;
}

function trackConnections() {
  const sockets = new Set<Socket>();
  let onParted = (): void => {};
  return {
    add(socket: Socket): void {
      sockets.add(socket);
      socket.once("close", () => {
        sockets.delete(socket);
        if (sockets.size === 0) onParted();
      });
    },
    async part(graceMs: number): Promise<void> {
      if (sockets.size === 0) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, graceMs);
        onParted = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      for (const socket of sockets) socket.destroy();
    },
  };
}

async function lookUp(host: string): Promise<readonly string[]> {
  const found: readonly LookupAddress[] = await promisify(lookup)(host, { all: true, order: "verbatim" });
  return [...new Set(found.map(({ address }) => address))];
}

/** @returns the port */
function bind(listener: NetServer, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    listener.once("error", reject);
    listener.listen({ host, port }, () => {
      listener.off("error", reject);
      // What goes wrong with one connection must not end the others.
      listener.on("error", () => undefined);
      resolve((listener.address() as AddressInfo).port);
    });
  });
}

function isMissing(error: unknown): boolean {
  return ["EADDRNOTAVAIL", "EAFNOSUPPORT"].includes((error as NodeJS.ErrnoException).code ?? "");
}

/** Why it cannot be, and what to do now. */
function explain({ code, message }: NodeJS.ErrnoException, host: string): string {
  switch (code) {
    case "EADDRINUSE":
      return "something else listens there (EADDRINUSE); stop it, or choose another port (0 takes a free one)";
    case "EACCES":
      return "this user may not take that port (EACCES); choose another, from 1024 on (0 takes a free one)";
    case "EADDRNOTAVAIL":
    case "EAFNOSUPPORT":
      return `this machine has no such address (${code}); 127.0.0.1 is for this machine alone, 0.0.0.0 for all others too`;
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `no address is known for ${host} (${code}); 127.0.0.1 is for this machine alone, 0.0.0.0 for all others too`;
    default:
      return `${message}; choose another host or port`;
  }
}
