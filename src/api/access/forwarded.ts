import { type IpRange, isWithin, parseIp } from "../../workflow/policy/ip.ts";
import { isLoopback } from "./hosts.ts";

/** What a proxy may add, and whoever stands behind none as well. */
const FORWARDING = ["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip"];

/** A header of a request, by its name in lower case. */
export type ReadHeader = (name: string) => string | undefined;

/** Who is believed about where a request comes from. */
export interface ProxyRules {
  readonly behindProxy: boolean;
  /** Beside loopback. */
  readonly trusted: readonly IpRange[];
}

/** Where a request comes from, as far as that is believed. */
export interface Origin {
  /** Of the client: an IP. */
  readonly address: string;
  /** Somebody on this machine, with nothing between. */
  readonly isLocal: boolean;
  readonly host: string | undefined;
  readonly scheme: "http" | "https";
}

/**
 * Of what proxies say only the last hop is believed, which the nearest one wrote itself, and only from those that are
 * trusted. Behind a proxy nobody is local, nor is who shows signs of one.
 */
export function originOf(
  socket: { readonly remoteAddress?: string | undefined; readonly encrypted?: boolean | undefined },
  header: ReadHeader,
  { behindProxy, trusted }: ProxyRules,
): Origin {
  const peer = socket.remoteAddress ?? "";
  const direct: Origin = {
    address: peer,
    isLocal: !behindProxy && isLoopback(peer) && FORWARDING.every((name) => header(name) === undefined),
    host: header("host"),
    scheme: socket.encrypted === true ? "https" : "http",
  };
  if (!behindProxy || !isTrusted(peer, trusted)) return direct;
  const proto = lastOf(header("x-forwarded-proto"))?.toLowerCase();
  return {
    address: addressOf(lastOf(header("x-forwarded-for"))) ?? peer,
    isLocal: false,
    host: lastOf(header("x-forwarded-host")) ?? direct.host,
    scheme: proto === "https" || proto === "http" ? proto : direct.scheme,
  };
}

function isTrusted(peer: string, trusted: readonly IpRange[]): boolean {
  const ip = parseIp(peer);
  return ip !== undefined && (isLoopback(peer) || trusted.some((range) => isWithin(ip, range)));
}

function lastOf(list: string | undefined): string | undefined {
  const last = list?.split(",").at(-1)?.trim();
  return last === "" ? undefined : last;
}

/** `1.2.3.4`, `1.2.3.4:5678`, `::1`, `[::1]:5678` */
function addressOf(text: string | undefined): string | undefined {
  const bare = /^\[([^\]]+)\](?::\d+)?$/.exec(text ?? "")?.[1] ?? /^([\d.]+):\d+$/.exec(text ?? "")?.[1] ?? text;
  return bare === undefined || parseIp(bare) === undefined ? undefined : bare;
}
