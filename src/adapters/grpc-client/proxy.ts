// Which proxy, if any, a connection goes through: the environment says it, as for gRPC and curl.
import { BlockList, isIP } from "node:net";
import { domainToASCII } from "node:url";
import { err, ok, type Result } from "../../kernel/result.ts";
import { isLocal, type Target } from "../../kernel/target.ts";
import type { Fault } from "./fault.ts";
import type { Environment } from "./trust.ts";

export interface HttpProxy {
  readonly secure: boolean;
  readonly host: string;
  readonly port: number;
  /** `Basic …`, from the URL's user and password. */
  readonly authorization?: string;
  /** Its URL without user and password, to be shown. */
  readonly url: string;
}

const PROXY_VARIABLES = ["grpc_proxy", "https_proxy", "http_proxy"];
const EXCEPTION_VARIABLES = ["no_grpc_proxy", "no_proxy"];

/** @returns undefined where none is to be used: always for what never leaves the machine */
export function chooseProxy(target: Target, env: Environment): Result<HttpProxy | undefined, Fault> {
  if (isLocal(target) || target.kind === "unix") return ok(undefined);
  const text = firstSet(PROXY_VARIABLES, env);
  if (text === undefined) return ok(undefined);
  const exceptions = firstSet(EXCEPTION_VARIABLES, env);
  const endpoints = target.kind === "dns" ? [target] : target.endpoints;
  const isExcepted = endpoints.every(
    (one) => exceptions !== undefined && matchesNoProxy(exceptions, one.host, one.port),
  );
  return isExcepted ? ok(undefined) : parseProxy(text);
}

function firstSet(names: readonly string[], env: Environment): string | undefined {
  return names
    .flatMap((name) => [name, name.toUpperCase()])
    .map((name) => env[name]?.trim())
    .find((value) => value !== undefined && value !== "");
}

/** Without a scheme it is an http proxy, as for curl. */
function parseProxy(text: string): Result<HttpProxy, Fault> {
  const url = URL.parse(text.includes("://") ? text : `http://${text}`);
  // A password with a character that ends the part of the host (# / ?) leaves its beginning where host and port stand.
  const isTorn = url !== null && `${url.pathname}${url.search}${url.hash}`.includes("@");
  const shown = url === null || isTorn ? "" : `${url.protocol}//${url.host}`;
  if (url === null || isTorn || url.hostname === "" || !["http:", "https:"].includes(url.protocol)) {
    return err({ kind: "proxy", proxy: shown, proxyFault: { sort: "badUrl" } });
  }
  const secure = url.protocol === "https:";
  const user = decode(url.username);
  const credentials = Buffer.from(`${user}:${decode(url.password)}`).toString("base64");
  return ok({
    secure,
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port === "" ? (secure ? 443 : 80) : Number(url.port),
    url: shown,
    ...(url.username === "" && url.password === "" ? {} : { authorization: `Basic ${credentials}` }),
  });
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * @param list entries with commas or spaces between: `*`, a host (its subdomains too, with or without a leading dot),
 * an address or a range of addresses in CIDR; each but the range may have a port
 */
export function matchesNoProxy(list: string, host: string, port: number): boolean {
  const name = host.toLowerCase().replace(/\.$/, "");
  return list.split(/[\s,]+/).some((entry) => entry !== "" && matchesEntry(entry.toLowerCase(), name, port));
}

function matchesEntry(entry: string, name: string, port: number): boolean {
  if (entry === "*") return true;
  if (entry.includes("/")) return isInRange(entry, name);
  const { host, port: onlyPort } = splitEntry(entry);
  if (onlyPort !== undefined && onlyPort !== port) return false;
  if (isIP(host) !== 0) return isInRange(`${host}/${isIP(host) === 4 ? 32 : 128}`, name);
  // Targets have their names as the network does (xn--…), lists as people write them.
  const suffix = domainToASCII(host.replace(/^\*?\./, "").replace(/\.$/, ""));
  return suffix !== "" && isIP(name) === 0 && (name === suffix || name.endsWith(`.${suffix}`));
}

function splitEntry(entry: string): { readonly host: string; readonly port?: number } {
  const match = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(entry);
  const host = match?.[1] ?? match?.[2];
  if (host === undefined) return { host: entry };
  return match?.[3] === undefined ? { host } : { host, port: Number(match[3]) };
}

function isInRange(range: string, address: string): boolean {
  const [net = "", bits = ""] = range.split("/");
  const family = isIP(net);
  if (family === 0 || !/^\d{1,3}$/.test(bits) || Number(bits) > (family === 4 ? 32 : 128)) return false;
  const bare = address.replace(/%.*$/, "");
  if (isIP(bare) === 0) return false;
  const list = new BlockList();
  list.addSubnet(net, Number(bits), family === 4 ? "ipv4" : "ipv6");
  return list.check(bare, isIP(bare) === 4 ? "ipv4" : "ipv6");
}
