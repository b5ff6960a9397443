import { BusbarError } from "../../kernel/errors.ts";
import { cutText, escapeUnseen } from "../../kernel/text.ts";
import { peek, reasonOf } from "../../kernel/thrown.ts";

/** A server, and how it is reached. */
export interface Reached {
  /** As it was given, without a slash at its end. */
  readonly url: string;
  /** Whether the environment names a proxy for it. */
  readonly hasProxy: boolean;
}

/** A name or an address that leads nowhere, by the code of the system. */
const NO_WAY: { readonly [code: string]: string } = {
  ECONNREFUSED: "nothing listens there",
  ENOTFOUND: "its name does not resolve",
  EAI_AGAIN: "its name cannot be looked up now",
  ETIMEDOUT: "it does not answer",
  EHOSTUNREACH: "no way leads there",
  ENETUNREACH: "no way leads there",
  EHOSTDOWN: "its machine is down",
};

const TLS_WORDS: { readonly [code: string]: string } = {
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is signed by itself and not known here",
  SELF_SIGNED_CERT_IN_CHAIN: "its certificate is of an authority that is not known here",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate is of an authority that is not known here",
  UNABLE_TO_GET_ISSUER_CERT: "its certificate is of an authority that is not known here",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "its certificate is of an authority that is not known here",
  CERT_HAS_EXPIRED: "its certificate has expired",
  CERT_NOT_YET_VALID: "its certificate is not valid yet",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another name",
};

/** A connection that was not made, or broke. */
export function connectionError({ url, hasProxy }: Reached, cause: unknown): BusbarError {
  const code = String(peek(cause, "code") ?? "");
  const words = TLS_WORDS[code];
  // OpenSSL's own words stand among its numbers: `error:0A00010B:SSL routines:…:wrong version number:…`.
  const said = /:SSL routines:[^:]*:([^:]+):/.exec(reasonOf(cause))?.[1];
  if (said === "wrong version number" || said === "packet length too long") {
    return new BusbarError("SERVER_TLS", `${url} does not speak TLS; without TLS its URL begins with http://`, {
      cause,
    });
  }
  if (words !== undefined) return new BusbarError("SERVER_TLS", `${url}: ${words}`, { cause });
  if (code.startsWith("ERR_SSL_") || code.startsWith("ERR_TLS_") || code === "EPROTO") {
    return new BusbarError("SERVER_TLS", `${url}: ${said ?? reasonOf(cause)}`, { cause });
  }
  if (code.startsWith("ERR_PROXY_")) {
    return new BusbarError("SERVER_PROXY", `the proxy gives no way to ${url}: ${reasonOf(cause)}`, { cause });
  }
  if (code.startsWith("HPE_")) return foreign(url, "it does not speak HTTP as a server does", cause);
  const through = hasProxy ? " (through the proxy of the environment)" : "";
  return new BusbarError("SERVER_UNREACHABLE", `${url}${through}: ${NO_WAY[code] ?? brokenBy(url, code, cause)}`, {
    cause,
  });
}

function brokenBy(url: string, code: string, cause: unknown): string {
  if (code !== "ECONNRESET" && code !== "EPIPE") return reasonOf(cause);
  const tls = url.startsWith("http:") ? "; with TLS its URL begins with https://" : "";
  return `the connection was closed without an answer${tls}`;
}

/** What answers, and is no Busbar server. */
export function foreign(url: string, what: string, cause?: unknown): BusbarError {
  return new BusbarError("SERVER_FOREIGN", `what answers at ${url} is no Busbar server: ${what}`, { cause });
}

/** What came instead of an answer of ours. */
export function foreignAnswer(
  { url, hasProxy }: Reached,
  status: number,
  { type = "no content type", location }: { readonly type: string | undefined; readonly location: string | undefined },
): BusbarError {
  if (status >= 300 && status < 400 && location !== undefined) {
    return foreign(url, `it sends elsewhere, to ${quote(location)}; give that URL if it is meant`);
  }
  const told = `HTTP ${status}, ${quote(type)}`;
  if (status === 407 || (status >= 502 && status <= 504) || (hasProxy && status >= 400)) {
    return new BusbarError("SERVER_PROXY", `a proxy answers in the place of ${url}: ${told}`, { details: { status } });
  }
  return foreign(url, told);
}

/** What stands in a header, which may be as long as HTTP lets it be. */
const quote = (text: string): string => cutText(escapeUnseen(text.toWellFormed()), MAX_QUOTED_BYTES);

const MAX_QUOTED_BYTES = 300;

/** Whether the same may be asked again a little later: the server is away for now, or about to go. */
export function isLoss(thrown: unknown): thrown is BusbarError {
  if (!(thrown instanceof BusbarError)) return false;
  if (thrown.code === "SERVER_PROXY") return typeof thrown.details?.status === "number" && thrown.details.status >= 502;
  return thrown.code === "SERVER_UNREACHABLE" || thrown.code === "SERVER_BUSY";
}
