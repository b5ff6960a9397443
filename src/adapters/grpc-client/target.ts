import { isIP } from "node:net";
import { err, ok, type Result } from "../../kernel/result.ts";

/** A target of gRPC (doc/naming.md), read. */
export type Target =
  | { readonly kind: "dns"; readonly host: string; readonly port: number }
  /** One or several addresses, as they are. */
  | { readonly kind: "ip"; readonly endpoints: readonly [HostPort, ...HostPort[]] }
  | { readonly kind: "unix"; readonly path: string };

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** Where a socket connects to. */
export type Endpoint =
  | (HostPort & { readonly path?: never })
  /** A NUL at its start makes it an abstract name (Linux). */
  | { readonly path: string };

/** The default of gRPC's dns and ip schemes. */
const DEFAULT_PORT = 443;

/** The scheme counts only where it is one that gRPC has: `localhost:50051` has none. */
const SCHEMES = ["dns", "ipv4", "ipv6", "unix", "unix-abstract"] as const;

/** @returns what is wrong with a text that is no target, to stand after "target … " */
export function parseTarget(text: string): Result<Target, string> {
  const colon = text.indexOf(":");
  const scheme = SCHEMES.find((one) => one === text.slice(0, Math.max(colon, 0)));
  const rest = text.slice(colon + 1);
  switch (scheme) {
    case "unix":
      return parseUnix(rest);
    case "unix-abstract":
      return rest === "" ? err("has no name") : ok({ kind: "unix", path: `\0${rest}` });
    case "ipv4":
    case "ipv6":
      return parseAddresses(rest, scheme === "ipv4" ? 4 : 6);
    case "dns":
      return parseDns(rest);
    case undefined:
      return parseHostPort(text);
  }
}

/** `unix:relative/or/absolute`, `unix:///absolute`; a host in the place of an authority is none. */
function parseUnix(rest: string): Result<Target, string> {
  const path = rest.startsWith("///") ? rest.slice(2) : rest;
  if (path === "") return err("has no path");
  if (path.startsWith("//")) return err("has an authority; write unix:path or unix:///path");
  if (path.includes("\0")) return err("has a NUL in its path");
  return ok({ kind: "unix", path });
}

/** `host[:port]`, or `//authority/host[:port]`; the authority would be a name server, and the system's is asked. */
function parseDns(rest: string): Result<Target, string> {
  if (!rest.startsWith("//")) return parseHostPort(rest);
  const slash = rest.indexOf("/", 2);
  return slash < 0 ? err("has no host; write dns:///host:port") : parseHostPort(rest.slice(slash + 1));
}

function parseAddresses(rest: string, family: 4 | 6): Result<Target, string> {
  const endpoints: HostPort[] = [];
  for (const one of rest.split(",")) {
    const parts = splitHostPort(one);
    if (!parts.ok) return parts;
    if (isIP(parts.value.host) !== family)
      return err(`has ${JSON.stringify(parts.value.host)}, no IPv${family} address`);
    endpoints.push(parts.value);
  }
  const [first, ...others] = endpoints;
  return first === undefined ? err("has no address") : ok({ kind: "ip", endpoints: [first, ...others] });
}

function parseHostPort(text: string): Result<Target, string> {
  const parts = splitHostPort(text);
  if (!parts.ok) return parts;
  const { host, port } = parts.value;
  if (isIP(host) !== 0) return ok({ kind: "ip", endpoints: [{ host, port }] });
  // What looks like an address and is none (1.2.3, 300.1.1.1) is not worth asking a name server.
  if (!HOST_NAME.test(host) || ONLY_DIGITS.test(host)) return err(`has ${JSON.stringify(host)}, no host name`);
  return ok({ kind: "dns", host, port });
}

const HOST_NAME = /^[\p{L}\p{N}\p{M}_](?:[\p{L}\p{N}\p{M}._-]*[\p{L}\p{N}\p{M}_.])?$/u;
const ONLY_DIGITS = /^[\d.]+$/;

function splitHostPort(text: string): Result<HostPort, string> {
  const bracket = text.startsWith("[") ? text.indexOf("]") : -1;
  const bare = bracket < 0 && isIP(text) === 6;
  const colon = bare ? -1 : text.indexOf(":", bracket + 1);
  const host = bracket >= 0 ? text.slice(1, bracket) : colon < 0 ? text : text.slice(0, colon);
  const between = bracket >= 0 ? text.slice(bracket + 1, colon < 0 ? undefined : colon) : "";
  if (bracket >= 0 && isIP(host) !== 6) return err(`has ${JSON.stringify(host)} in brackets, no IPv6 address`);
  if (host === "" || between !== "") return err("must be host:port, [ipv6]:port, dns:///host:port or unix:path");
  if (colon < 0) return ok({ host, port: DEFAULT_PORT });
  const digits = text.slice(colon + 1);
  const port = Number(digits);
  if (!/^\d{1,5}$/.test(digits) || port < 1 || port > 65_535) {
    return err(`has the port ${JSON.stringify(digits)}; ports go from 1 to 65535`);
  }
  return ok({ host, port });
}

/** The `:authority` of calls (RFC 9113, 8.3.1). A zone is of this machine alone and does not travel (RFC 6874). */
export function authorityOf(target: Target): string {
  if (target.kind === "unix") return "localhost";
  const { host, port } = firstOf(target);
  const name = withoutZone(host);
  return name.includes(":") ? `[${name}]:${port}` : `${name}:${port}`;
}

/** The name for which the server's certificate must be. */
export function hostOf(target: Target): string {
  return target.kind === "unix" ? "localhost" : withoutZone(firstOf(target).host);
}

function firstOf(target: Exclude<Target, { kind: "unix" }>): HostPort {
  return target.kind === "dns" ? target : target.endpoints[0];
}

function withoutZone(host: string): string {
  const percent = host.indexOf("%");
  return percent < 0 ? host : host.slice(0, percent);
}

/** An endpoint as people read it. */
export function formatEndpoint(endpoint: Endpoint): string {
  if (endpoint.path !== undefined) return `unix:${endpoint.path.replace(/^\0/, "@")}`;
  return endpoint.host.includes(":") ? `[${endpoint.host}]:${endpoint.port}` : `${endpoint.host}:${endpoint.port}`;
}

/** Whether calls never leave the machine: `localhost`, 127.0.0.0/8, ::1, unix. */
export function isLocal(target: Target): boolean {
  switch (target.kind) {
    case "unix":
      return true;
    case "dns":
      return isLocalName(target.host);
    case "ip":
      return target.endpoints.every(({ host }) => host === "::1" || host.startsWith("127."));
  }
}

function isLocalName(host: string): boolean {
  const name = host.toLowerCase();
  return name === "localhost" || name === "localhost." || name.endsWith(".localhost");
}
