// Which addresses a host allows: by name before anything is looked up, and by IP before anything is connected to.
import { isIP } from "node:net";
import { parseTarget, type Target } from "../../kernel/target.ts";
import { type IpBytes, type IpRange, isWithin, parseIp, parseRange } from "./ip.ts";
import { isSpecial, isSpecialRange } from "./special-addresses.ts";

/** One entry of `addresses`, and how it is written. */
export type AddressEntry = AddressRule & { readonly text: string };

/** What an entry of `addresses` says. */
export type AddressRule =
  /** A host name; `*` is any, `*.example.org` any below example.org. */
  | { readonly kind: "name"; readonly pattern: string; readonly port?: number }
  | { readonly kind: "range"; readonly range: IpRange; readonly port?: number }
  /** The path of a socket, or an abstract name after a NUL, exactly so. */
  | { readonly kind: "unix"; readonly path: string };

/** Undefined: any address of a network but special ones. */
export type AddressRules = readonly AddressEntry[] | undefined;

/** @returns undefined for a text that is no entry */
export function parseAddressEntry(text: string): AddressEntry | undefined {
  const rule = parseRule(text);
  return rule === undefined ? undefined : { ...rule, text };
}

function parseRule(text: string): AddressRule | undefined {
  if (/^unix(?:-abstract)?:/.test(text)) {
    const target = parseTarget(text);
    if (!target.ok || target.value.kind !== "unix") return undefined;
    const { path } = target.value;
    return /^[/\0]/.test(path) ? { kind: "unix", path } : undefined;
  }
  const range = parseRange(text) ?? singleAddress(text);
  if (range !== undefined) return { kind: "range", range };
  const [, host = text, digits] = /^(\[[^\]]*\]|[^:]*):(\d{1,5})$/.exec(text) ?? [];
  const port = digits === undefined ? {} : { port: Number(digits) };
  if (digits !== undefined && (Number(digits) < 1 || Number(digits) > 65_535)) return undefined;
  const single = singleAddress(host.replace(/^\[(.*)\]$/, "$1"));
  if (single !== undefined) return { kind: "range", range: single, ...port };
  if (host === "*") return { kind: "name", pattern: "*", ...port };
  const wildcard = host.startsWith("*.") ? "*." : "";
  // As the address of a service is read, so that both have one form.
  const target = parseTarget(`${host.slice(wildcard.length)}:1`);
  if (!target.ok || target.value.kind !== "dns") return undefined;
  return { kind: "name", pattern: wildcard + plainName(target.value.host), ...port };
}

/** `may`: by name alone it cannot be said; each address that the name has is asked for before it is connected to. */
export type AddressVerdict = "yes" | "no" | "may";

export function judgeTarget(rules: AddressRules, target: Target): AddressVerdict {
  switch (target.kind) {
    case "unix":
      return admitsUnix(rules, target.path) ? "yes" : "no";
    case "ip":
      return target.endpoints.every(({ host, port }) => admitsIp(rules, undefined, host, port)) ? "yes" : "no";
    case "dns": {
      if (rules === undefined) return "may";
      // Also a listed name may not lead to a special address.
      if (admitsName(rules, target.host, target.port)) return "may";
      return rules.some((rule) => rule.kind === "range" && isPort(rule, target.port)) ? "may" : "no";
    }
  }
}

/** Whether a name itself is listed. What it leads to is then the host's own affair, special addresses aside. */
export function admitsName(rules: AddressRules, name: string, port: number): boolean {
  const plain = plainName(name);
  return (rules ?? []).some((rule) => rule.kind === "name" && isPort(rule, port) && matchesName(rule.pattern, plain));
}

/**
 * Whether an address may be connected to.
 * @param name which it was found under, if it was
 * @param ip an address; anything else is refused
 */
export function admitsIp(rules: AddressRules, name: string | undefined, ip: string, port: number): boolean {
  const address = parseIp(ip);
  if (address === undefined) return false;
  const special = isSpecial(address);
  const listed = (rules ?? []).some(
    (rule) =>
      rule.kind === "range" &&
      isPort(rule, port) &&
      isWithin(address, rule.range) &&
      (!special || isSpecialRange(rule.range)),
  );
  if (listed) return true;
  if (special) return false;
  return rules === undefined || (name !== undefined && admitsName(rules, name, port));
}

export function admitsUnix(rules: AddressRules, path: string): boolean {
  return (rules ?? []).some((rule) => rule.kind === "unix" && rule.path === path);
}

function singleAddress(text: string): IpRange | undefined {
  const bytes: IpBytes | undefined = isIP(text) === 0 || text.includes("%") ? undefined : parseIp(text);
  return bytes === undefined ? undefined : { bytes, bits: bytes.length * 8 };
}

function isPort({ port }: { readonly port?: number }, asked: number): boolean {
  return port === undefined || port === asked;
}

function matchesName(pattern: string, name: string): boolean {
  if (pattern === "*") return true;
  return pattern.startsWith("*.")
    ? name.endsWith(pattern.slice(1)) && name.length > pattern.length - 1
    : name === pattern;
}

/** Names are alike in upper and lower case, and with a dot at the end. */
function plainName(name: string): string {
  return name.toLowerCase().replace(/\.$/, "");
}
