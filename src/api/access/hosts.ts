import { isWithin, parseIp, parseRange } from "../../workflow/policy/ip.ts";

/** Addresses of this machine that no other can have. */
const LOOPBACK = ["127.0.0.0/8", "::1/128"].flatMap((text) => parseRange(text) ?? []);

/** @param address an IP, without brackets */
export function isLoopback(address: string): boolean {
  const ip = parseIp(address);
  return ip !== undefined && LOOPBACK.some((range) => isWithin(ip, range));
}

/**
 * Whether a request may name the server so. A foreign name that leads to this machine's address (DNS rebinding) would
 * make any page in a browser one of ours; names of loopback lead nowhere else. Their port may be another one: that of a
 * tunnel.
 * @param host of the header `Host`
 * @param publicHosts of the public URLs, as `hostOf` gives them
 */
export function isAllowedHost(host: string | undefined, publicHosts: readonly string[]): boolean {
  if (host === undefined) return false;
  const lower = host.toLowerCase();
  if (publicHosts.includes(lower)) return true;
  const name = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9.-]+))(?::\d{1,5})?$/.exec(lower);
  if (name === null) return false;
  const [, ip6, other = ""] = name;
  return ip6 === undefined ? other === "localhost" || isLoopback(other) : isLoopback(ip6);
}

/** What a browser sends as `Host` for that URL: without the port where it is the usual one. */
export function hostOf(url: string): string {
  return new URL(url).host;
}
