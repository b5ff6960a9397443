import { isIP, isIPv4 } from "node:net";
import { lazily } from "./lazily.ts";
import { err, ok, type Result } from "./result.ts";

/**
 * A target of gRPC (doc/naming.md), read: `host:port`, `[ipv6]:port`, `dns:[//SERVER/]host:port`, `ipv4:1.2.3.4:port,…`,
 * `ipv6:[::1]:port,…`, `unix:path`, `unix-abstract:name`. A port is always written: no service is at gRPC's default, 443.
 */
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

/** The scheme counts only where it is one that gRPC has: `localhost:50051` has none. */
const SCHEMES = ["dns", "ipv4", "ipv6", "unix", "unix-abstract"] as const;

/** @returns what is wrong with a text that is no target, to stand after "the address … " */
export function parseTarget(text: string): Result<Target, string> {
  const colon = text.indexOf(":");
  const scheme = SCHEMES.find((one) => one === text.slice(0, Math.max(colon, 0)));
  const rest = text.slice(colon + 1);
  switch (scheme) {
    case "unix":
      return parseUnix(rest);
    case "unix-abstract":
      return rest === "" ? err("has no name; write unix-abstract:name") : ok({ kind: "unix", path: `\0${rest}` });
    case "ipv4":
    case "ipv6":
      return parseAddresses(rest, scheme);
    case "dns":
      return parseDns(rest);
    case undefined:
      return parseHostPort(text);
  }
}

/** `unix:relative/or/absolute`, `unix:///absolute`; a host in the place of an authority is none. */
function parseUnix(rest: string): Result<Target, string> {
  const path = rest.startsWith("///") ? rest.slice(2) : rest;
  if (path === "") return err("has no path; write unix:path");
  if (path.startsWith("//")) return err("has a host before its path; write unix:path or unix:///path");
  if (path.includes("\0")) return err("has a NUL in its path");
  return ok({ kind: "unix", path });
}

/** `host:port`, or `//authority/host:port`; the authority would be a name server, and the system's is asked. */
function parseDns(rest: string): Result<Target, string> {
  if (!rest.startsWith("//")) return parseHostPort(rest);
  const slash = rest.indexOf("/", 2);
  return slash < 0 ? err("has no host; write dns:///host:port") : parseHostPort(rest.slice(slash + 1));
}

function parseAddresses(rest: string, scheme: "ipv4" | "ipv6"): Result<Target, string> {
  const family = scheme === "ipv4" ? 4 : 6;
  const list = rest.startsWith("///") ? rest.slice(3) : rest;
  const endpoints = list.split(",").flatMap((one) => {
    const match = HOST_PORT.exec(one)?.groups;
    const host = match?.bracketed ?? match?.host ?? "";
    return isIP(host) === family ? [{ host, port: match?.port ?? "" }] : [];
  });
  if (endpoints.length < list.split(",").length) {
    const example = scheme === "ipv4" ? "ipv4:1.2.3.4:port" : "ipv6:[::1]:port";
    return err(`must be ${example}, with more of them after commas`);
  }
  return withPorts(endpoints);
}

function parseHostPort(text: string): Result<Target, string> {
  if (URL_SCHEME.test(text)) return err("is a URL; write host:port, and tls where the service expects it");
  if (!text.includes(":")) return err("has no port; write host:port");
  const { bracketed, host = bracketed ?? "", port = "" } = HOST_PORT.exec(text)?.groups ?? {};
  if (bracketed === undefined ? isIPv4(host) : isIP(bracketed) === 6) return withPorts([{ host, port }]);
  // What looks like an address and is none (1.2.3, 300.1.1.1) is not worth asking a name server.
  if (bracketed !== undefined || !isHostName(host) || ONLY_DIGITS.test(host)) return err(FORMS);
  const number = readPort(port);
  if (!number.ok) return number;
  const name = toAscii(host);
  return name === "" ? err(FORMS) : ok({ kind: "dns", host: name, port: number.value });
}

/** A name as it travels, to name servers, proxies and in TLS (RFC 5891); empty if there is no such name. */
function toAscii(host: string): string {
  return ASCII.test(host) ? host : (URL.parse(`http://${host}`)?.hostname ?? "");
}

const FORMS = "must be host:port, [ipv6]:port, dns:///host:port, ipv4:1.2.3.4:port, ipv6:[::1]:port or unix:path";
const URL_SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i;
const HOST_PORT = /^(?:\[(?<bracketed>[^\]]*)\]|(?<host>[^:[\]]*)):(?<port>\d{1,5})$/;
const HOST_NAME = /^\w(?:[\w.-]*[\w.])?$/;
/** Made only where the usual letters do not do: what Unicode says of letters costs every start 0.7 ms otherwise. */
const getHostName = lazily(() => /^[\p{L}\p{N}\p{M}_](?:[\p{L}\p{N}\p{M}._-]*[\p{L}\p{N}\p{M}_.])?$/u);
const ASCII = /^[\x20-\x7e]*$/;
const ONLY_DIGITS = /^[\d.]+$/;

function isHostName(host: string): boolean {
  return HOST_NAME.test(host) || getHostName().test(host);
}

function withPorts(addresses: readonly { readonly host: string; readonly port: string }[]): Result<Target, string> {
  const endpoints: HostPort[] = [];
  for (const { host, port } of addresses) {
    const number = readPort(port);
    if (!number.ok) return number;
    endpoints.push({ host, port: number.value });
  }
  const [first, ...others] = endpoints;
  return first === undefined ? err(FORMS) : ok({ kind: "ip", endpoints: [first, ...others] });
}

function readPort(digits: string): Result<number, string> {
  const port = Number(digits);
  return port >= 1 && port <= 65_535 ? ok(port) : err(`has the port ${port}; ports go from 1 to 65535`);
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
      // Not names below it: a name server may be asked for those.
      return /^localhost\.?$/i.test(target.host);
    case "ip":
      return target.endpoints.every(({ host }) => host === "::1" || host.startsWith("127."));
  }
}
