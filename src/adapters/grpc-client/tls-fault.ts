// Who is asked for in a TLS handshake, and what one that failed means. Only by the codes of Node and OpenSSL, never by their texts.
import { isIP } from "node:net";
import type { PeerCertificate, TLSSocket } from "node:tls";
import type { TlsFault } from "./fault.ts";

/** A failed verification of the server's certificate: the codes of X509_verify_cert_error. */
const VERIFICATION: Readonly<
  Record<string, "expired" | "notYetValid" | "unknownIssuer" | "selfSigned" | "revoked" | "notForServers">
> = {
  CERT_HAS_EXPIRED: "expired",
  CERT_NOT_YET_VALID: "notYetValid",
  CERT_REVOKED: "revoked",
  DEPTH_ZERO_SELF_SIGNED_CERT: "selfSigned",
  SELF_SIGNED_CERT_IN_CHAIN: "unknownIssuer",
  UNABLE_TO_GET_ISSUER_CERT: "unknownIssuer",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "unknownIssuer",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "unknownIssuer",
  CERT_SIGNATURE_FAILURE: "unknownIssuer",
  CERT_UNTRUSTED: "unknownIssuer",
  INVALID_CA: "unknownIssuer",
  INVALID_PURPOSE: "notForServers",
};

/** What OpenSSL says of bytes that are no TLS record. */
const NO_TLS = new Set([
  "ERR_SSL_WRONG_VERSION_NUMBER",
  "ERR_SSL_PACKET_LENGTH_TOO_LONG",
  "ERR_SSL_HTTP_REQUEST",
  "ERR_SSL_UNEXPECTED_MESSAGE",
  "ERR_SSL_RECORD_LAYER_FAILURE",
]);

/** Alerts with which a server refuses a certificate (RFC 8446, 6.2; RFC 5246, 7.2.2). */
const REFUSALS = new Set([
  "bad certificate",
  "unsupported certificate",
  "certificate revoked",
  "certificate expired",
  "certificate unknown",
  "unknown ca",
  "access denied",
  "decrypt error",
]);
/** With which it says that it wants one, once it has shown its own: TLS 1.3 has an alert for it, 1.2 one of these. */
const WANTS_ONE = new Set(["certificate required", "handshake failure", "bad certificate"]);

export const NO_ALPN = "ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL";

/** The two sides when the handshake failed. */
export interface Handshake {
  /** For which the certificate had to be. */
  readonly host: string;
  /** Whether we have a client certificate. */
  readonly hasIdentity: boolean;
  /** Whether the server has shown its certificate by then. */
  readonly hasServerCertificate: boolean;
  /** Of the server's own certificate, where that was read. */
  readonly dates?: Dates | undefined;
}

type Dates = Pick<PeerCertificate, "valid_from" | "valid_to">;

/** The dates of the certificate that the server shows: when an error tells that it was refused, the socket has it no more. */
export function watchDates(socket: TLSSocket): () => Dates | undefined {
  let dates: Dates | undefined;
  // Before Node's own listener, which judges it.
  socket.prependOnceListener("secure", () => {
    const { valid_from, valid_to } = socket.getPeerCertificate() ?? {};
    if (valid_from !== undefined) dates = { valid_from, valid_to };
  });
  return () => dates;
}

/** @returns undefined where the error is none of TLS, e.g. a reset of the connection */
export function readTlsError(error: unknown, handshake: Handshake): TlsFault | undefined {
  const { code = "", cert } = error as { readonly code?: string; readonly cert?: PeerCertificate };
  const { host, hasIdentity, hasServerCertificate, dates } = handshake;
  const verification = VERIFICATION[code];
  if (verification !== undefined) return { sort: whose(verification, dates) };
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") return { sort: "wrongHost", host, names: namesOf(cert) };
  if (NO_TLS.has(code)) return { sort: "plaintextPeer" };
  if (!code.startsWith("ERR_SSL_")) return VERIFICATION_CODE.test(code) ? { sort: "other", code } : undefined;
  const alert = alertOf(code);
  if (alert === undefined) return { sort: "other", code };
  if (!hasIdentity && hasServerCertificate && WANTS_ONE.has(alert)) return { sort: "clientCertificateRequired" };
  if (hasIdentity && REFUSALS.has(alert)) return { sort: "clientCertificateRefused", alert };
  return { sort: "alert", alert };
}

/** The code of a date does not tell which certificate of the chain it is. By the system's clock, as OpenSSL does. */
function whose<S extends string>(sort: S, dates: Dates | undefined): S | "authorityExpired" | "authorityNotYetValid" {
  if (dates === undefined) return sort;
  if (sort === "expired" && Date.parse(dates.valid_to) > Date.now()) return "authorityExpired";
  if (sort === "notYetValid" && Date.parse(dates.valid_from) <= Date.now()) return "authorityNotYetValid";
  return sort;
}

/** OpenSSL names most alerts by that word, and those of TLS's extensions without it. */
function alertOf(code: string): string | undefined {
  const [, alert] = /_ALERT_(\w+)$/.exec(code) ?? /^ERR_SSL_TLSV1_(\w+)$/.exec(code) ?? [];
  return alert?.toLowerCase().replaceAll("_", " ");
}

/** The rest of them: in capitals, without `E` of an errno. */
const VERIFICATION_CODE = /^(?:CERT|CRL|UNABLE|INVALID|ERROR_IN|PATH|HOSTNAME|AKID|KEYUSAGE|OUT_OF)_/;

/**
 * Those that Node compares with: `DNS:localhost, IP Address:127.0.0.1` (names with a comma in them are quoted as JSON),
 * and of a certificate without a DNS name the CN, which counts for a host name, never for an address.
 */
function namesOf(certificate: PeerCertificate | undefined): readonly string[] {
  const listed = certificate?.subjectaltname?.match(/(?:[^,"]|"(?:[^"\\]|\\.)*")+/g) ?? [];
  const alternative = listed.flatMap((one) => {
    const [, kind, name = ""] = /^(DNS|IP Address):(.*)$/s.exec(one.trim()) ?? [];
    return kind === undefined ? [] : [{ kind, name: name.startsWith('"') ? String(JSON.parse(name)) : name }];
  });
  const names = alternative.map(({ name }) => name);
  if (alternative.some(({ kind }) => kind === "DNS")) return names;
  const common = [certificate?.subject?.CN ?? []].flat().filter((name) => isIP(name) === 0);
  return [...common, ...names];
}

/** What a server is told as the name that is asked for: no address, and no dot at its end (RFC 6066, 3). */
export function serverNameOf(host: string): { readonly servername?: string } {
  return isIP(host) === 0 ? { servername: host.replace(/\.$/, "") } : {};
}
