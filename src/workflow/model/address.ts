/** semantics.md, "The workflow file": `host:port`, `[ipv6]:port`, `dns:///…` or `unix:…`. */

const HOST_PORT = /^(?<host>[\p{L}\p{N}._-]+):(?<port>\d{1,5})$/u;
const IPV6_PORT = /^\[(?<host>[0-9A-Fa-f:.]+(?:%[A-Za-z0-9._-]+)?)\]:(?<port>\d{1,5})$/;
const DNS = /^dns:(?:\/\/[^/]*\/)?(?<rest>[^/]+)$/;
const UNIX = /^unix:(?:\/\/)?(?<path>.+)$/s;
const SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i;

/** What is wrong with an address whose references are filled in, or undefined. */
export function problemOfAddress(address: string): string | undefined {
  if (UNIX.test(address)) return undefined;
  const target = DNS.exec(address)?.groups?.rest ?? address;
  const found = HOST_PORT.exec(target) ?? IPV6_PORT.exec(target);
  if (found === null) {
    if (SCHEME.test(address)) return "is a URL; write host:port, and tls where the service expects it";
    if (!target.includes(":")) return "has no port; write host:port";
    return "must be host:port, [ipv6]:port, dns:///host:port or unix:path";
  }
  const port = Number(found.groups?.port);
  return port >= 1 && port <= 65_535 ? undefined : `has the port ${port}; ports go from 1 to 65535`;
}

/** Whether calls to the address never leave the machine: localhost, 127.0.0.0/8, [::1], unix. */
export function isLoopback(address: string): boolean {
  if (UNIX.test(address)) return true;
  const target = DNS.exec(address)?.groups?.rest ?? address;
  const host = (HOST_PORT.exec(target) ?? IPV6_PORT.exec(target))?.groups?.host?.toLowerCase() ?? "";
  return host === "localhost" || host === "::1" || /^127(?:\.\d{1,3}){3}$/.test(host);
}
