import { readPublicUrl, refuseUnsafe } from "../api/access/listen-rules.ts";
import { listTokens, type TokenPlace } from "../app/tokens.ts";
import { BusbarError } from "../kernel/errors.ts";
import type { TokenRecord } from "../ports/access.ts";
import { type IpRange, parseRange } from "../workflow/policy/ip.ts";
import type { Option } from "./command.ts";
import type { Values } from "./values.ts";

/** Who may reach a server, and by what name. */
export const SERVER_ACCESS_OPTIONS: readonly Option[] = [
  { name: "host", value: "ADDRESS", about: "the interface to listen on (default: 127.0.0.1)" },
  {
    name: "public-url",
    value: "URL",
    multiple: true,
    about: "by what name others call the server: https://busbar.example; repeat for more",
  },
  {
    name: "behind-proxy",
    about: "believe X-Forwarded-For, -Host and -Proto of a proxy on this machine, or a trusted one: their last hop",
  },
  { name: "trusted-proxy", value: "CIDR", multiple: true, about: "a proxy elsewhere, as 10.0.0.0/8; repeat for more" },
];

/** What SERVER_ACCESS_OPTIONS say. */
export interface ServerAccess {
  readonly host: string;
  /** Origins. */
  readonly publicUrls: readonly string[];
  readonly proxies: { readonly behindProxy: boolean; readonly trusted: readonly IpRange[] };
}

/** @throws BusbarError USAGE */
export function readServerAccess(values: Values): ServerAccess {
  const behindProxy = values.flag("behind-proxy");
  const trusted = values.list("trusted-proxy").map(readProxy);
  if (trusted.length > 0 && !behindProxy) {
    throw new BusbarError("USAGE", "--trusted-proxy says whom --behind-proxy is to believe: give both");
  }
  return {
    host: values.text("host") ?? "127.0.0.1",
    publicUrls: values.list("public-url").map(readUrl),
    proxies: { behindProxy, trusted },
  };
}

/**
 * Before anything is opened: a server that may not listen takes up no runs.
 * @throws BusbarError SERVE_UNSAFE, JOURNAL_…
 */
export async function refuseUnsafeAccess(
  { host, publicUrls, proxies }: ServerAccess,
  hasTls: boolean,
  place: TokenPlace,
): Promise<void> {
  const nowMs = place.shared.clock.now();
  const isValid = ({ own, expires_at }: TokenRecord): boolean =>
    own === undefined && (expires_at === undefined || Date.parse(expires_at) > nowMs);
  const hasTokens = (await listTokens(place)).some(isValid);
  refuseUnsafe({ host, hasTokens, publicUrls, hasTls, behindProxy: proxies.behindProxy });
}

function readUrl(text: string): string {
  const url = readPublicUrl(text);
  if (url !== undefined) return url;
  const message = `--public-url is an address like https://busbar.example, without a path, not "${text}"`;
  throw new BusbarError("USAGE", message);
}

/** A range, or one address. */
function readProxy(text: string): IpRange {
  const range = parseRange(text.includes("/") ? text : `${text}/${text.includes(":") ? 128 : 32}`);
  if (range !== undefined) return range;
  throw new BusbarError("USAGE", `--trusted-proxy is a range of addresses like 10.0.0.0/8, not "${text}"`);
}
