/**
 * Addresses of services, as gRPC names them (its doc/naming.md): `host:port`, `[ipv6]:port`, `dns:[//SERVER/]host:port`,
 * `ipv4:1.2.3.4:port,…`, `ipv6:[::1]:port,…`, `unix:path`. A port is always written: no service is at gRPC's default, 443.
 */

/** Where a connection goes. */
export type Endpoint = { readonly path: string } | { readonly host: string; readonly port: number };

const IPV4 = String.raw`(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?:25[0-5]|2[0-4]\d|1?\d?\d)){3}`;
const IPV6 = String.raw`\[(?<v6>[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(?:%[A-Za-z0-9._-]+)?)\]`;
const HOST_PORT = new RegExp(String.raw`^(?:${IPV6}|(?<host>[\p{L}\p{N}._-]+)):(?<port>\d{1,5})$`, "u");
const IPV4_PORT = new RegExp(`^(?<host>${IPV4}):(?<port>\\d{1,5})$`);
const IPV6_PORT = new RegExp(String.raw`^${IPV6}:(?<port>\d{1,5})$`);
const DNS = /^dns:(?:\/\/[^/]*\/)?(?<rest>[^/]+)$/;
const IP_LIST = /^(?<scheme>ipv[46]):(?:\/\/\/)?(?<rest>.*)$/;
const UNIX = /^unix:(?:\/\/)?(?<path>.+)$/s;
const URL_SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i;

/** The endpoints of an address whose references are filled in; undefined where it is none. */
export function endpointsOf(address: string): readonly Endpoint[] | undefined {
  const path = UNIX.exec(address)?.groups?.path;
  if (path !== undefined) return [{ path }];
  const { scheme, rest = "" } = IP_LIST.exec(address)?.groups ?? {};
  const found =
    scheme === undefined
      ? [HOST_PORT.exec(DNS.exec(address)?.groups?.rest ?? address)]
      : rest.split(",").map((one) => (scheme === "ipv4" ? IPV4_PORT : IPV6_PORT).exec(one));
  const endpoints = found.flatMap((match) => {
    const { v6, host = v6, port } = match?.groups ?? {};
    return host === undefined ? [] : [{ host, port: Number(port) }];
  });
  return endpoints.length === found.length ? endpoints : undefined;
}

/** What is wrong with an address whose references are filled in, or undefined. */
export function problemOfAddress(address: string): string | undefined {
  const endpoints = endpointsOf(address);
  if (endpoints === undefined) return problemOfForm(address);
  const port = endpoints.flatMap((one) => ("port" in one ? [one.port] : [])).find((one) => one < 1 || one > 65_535);
  return port === undefined ? undefined : `has the port ${port}; ports go from 1 to 65535`;
}

function problemOfForm(address: string): string {
  const scheme = IP_LIST.exec(address)?.groups?.scheme;
  if (scheme === "ipv4") return "must be ipv4:1.2.3.4:port, with more of them after commas";
  if (scheme === "ipv6") return "must be ipv6:[::1]:port, with more of them after commas";
  const target = DNS.exec(address)?.groups?.rest ?? address;
  if (URL_SCHEME.test(target)) return "is a URL; write host:port, and tls where the service expects it";
  if (!target.includes(":")) return "has no port; write host:port";
  return "must be host:port, [ipv6]:port, dns:///host:port, ipv4:1.2.3.4:port, ipv6:[::1]:port or unix:path";
}

/** Whether calls to the address never leave the machine: localhost, 127.0.0.0/8, [::1], unix. */
export function isLoopback(address: string): boolean {
  return endpointsOf(address)?.every((one) => "path" in one || isLoopbackHost(one.host.toLowerCase())) === true;
}

function isLoopbackHost(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(?:\.\d{1,3}){3}$/.test(host);
}
