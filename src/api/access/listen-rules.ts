import { BusbarError } from "../../kernel/errors.ts";
import { isLoopback } from "./hosts.ts";

/** With what a server is about to listen. */
export interface Listening {
  readonly host: string;
  /** Whether somebody has a token that is valid now. */
  readonly hasTokens: boolean;
  readonly publicUrls: readonly string[];
  readonly hasTls: boolean;
  readonly behindProxy: boolean;
}

/**
 * Beyond loopback others can reach the server: then callers have to show a token, over a connection that nobody reads,
 * and the names that it goes by have to be known.
 * @throws BusbarError SERVE_UNSAFE, with all that is missing
 */
export function refuseUnsafe({ host, hasTokens, publicUrls, hasTls, behindProxy }: Listening): void {
  if (host === "localhost" || isLoopback(host)) return;
  const missing = [
    ...(hasTokens ? [] : ["a token (`busbar token create --role admin`)"]),
    ...(publicUrls.length > 0 ? [] : ["--public-url URL, by which it is called"]),
    ...(hasTls || behindProxy ? [] : ["--tls-cert and --tls-key, or --behind-proxy where a proxy has them"]),
  ];
  if (missing.length === 0) return;
  throw new BusbarError(
    "SERVE_UNSAFE",
    `${host} can be reached from other machines; for that it needs ${missing.join("; ")}`,
  );
}

/**
 * The origin of a public URL.
 * @returns undefined for what is no http or https URL, or has more than an origin
 */
export function readPublicUrl(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) return undefined;
  return url.href === `${url.origin}/` ? url.origin : undefined;
}
