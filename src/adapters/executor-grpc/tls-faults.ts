// What is wrong with certificates and tls files, and who has to mend what.
import { isIP } from "node:net";
import { describeCode } from "../../kernel/describe-failure.ts";
import type { Secrets } from "../../kernel/secrets.ts";
import type { Tls } from "../../workflow/model/service.ts";
import type { TlsFault } from "../grpc-client/fault.ts";
import type { Asked } from "./fault-report.ts";
import { quoteForeign } from "./words.ts";

export function describeTlsFault(fault: TlsFault, { tls, secrets }: Pick<Asked, "tls" | "secrets">): string {
  switch (fault.sort) {
    case "expired":
      return "its certificate has expired; the service must renew it";
    case "notYetValid":
      return "its certificate is not valid yet; the service needs another one, or the clock of a machine is wrong";
    case "revoked":
      return "its certificate was revoked; the service must renew it";
    case "unknownIssuer":
    case "selfSigned":
      return `${describeUntrusted(fault.sort)}; ${trustRemedy(tls)}`;
    case "notForServers":
      return "its certificate is not for servers (extended key usage); the service needs another one";
    case "authorityExpired":
      return `its own certificate is valid, but an authority above it has expired: ${describeAuthorities(tls)}, or an intermediate that the service sends`;
    case "authorityNotYetValid":
      return `its own certificate is valid, but an authority above it is not valid yet: ${describeAuthorities(tls)}, or an intermediate that the service sends; or the clock of this machine is wrong`;
    case "wrongHost":
      return `${describeWrongHost(fault, secrets)}; ${nameRemedy(fault)}`;
    case "clientCertificateRequired":
      return "the service asks for a client certificate: set tls.cert_file and tls.key_file";
    case "clientCertificateRefused":
      return `the service does not accept the client certificate (${fault.alert}); check tls.cert_file`;
    case "unreadableFile":
      return `${nameOfFile(fault.file, tls)} cannot be read: ${describeCode(fault.code)}`;
    case "fileNotAllowed":
      return `this host's policy does not allow ${nameOfFile(fault.file, tls)} to be read (its files)`;
    case "noCertificate":
      return `${nameOfFile(fault.file, tls)} has no certificate in it (PEM: -----BEGIN CERTIFICATE-----)`;
    case "badCertificate":
      return `${nameOfFile(fault.file, tls)} has a certificate in it that cannot be read`;
    case "emptyFolders":
      return `SSL_CERT_DIR (${fault.folders}) has no certificate that can be read, and stands in the place of all others`;
    case "badKey":
      return `its tls files cannot be used: its key_file ${fault.file} has no private key that can be read without a passphrase`;
    case "keyOfAnotherCertificate":
      return `its tls files cannot be used: its key_file ${fault.file} is the key of another certificate than cert_file`;
    case "unusableCertificate":
      return `its tls files cannot be used: OpenSSL does not take its cert_file ${fault.file} (${fault.code}); it needs a certificate with a stronger key or signature`;
    case "plaintextPeer":
      return "the service expects plaintext, but the file has tls for it";
    case "alert":
      return `it ended the TLS handshake${ALERT_REASONS[fault.alert] ?? ""} (alert: ${fault.alert})`;
    case "other":
      return `the TLS handshake failed (${fault.code})`;
  }
}

const ALERT_REASONS: Readonly<Record<string, string>> = {
  "protocol version": ": it takes neither TLS 1.2 nor TLS 1.3",
  "handshake failure": ": it takes no cipher that is safe today, or asks for a client certificate",
  "unrecognized name": ": it has no certificate for that name; set tls.server_name to one that it has",
};

/** What a certificate is for instead. */
export function describeWrongHost({ host, names }: WrongHost, secrets: Secrets): string {
  if (names.length === 0) return `its certificate is for no host at all, not for ${host}`;
  return `its certificate is for another name (${quoteForeign(names.join(", "), secrets)}), not for ${host}`;
}

/** The certificate that it would need. Nothing but its alternative names counts for an address. */
export function describeNeededName({ host }: Pick<WrongHost, "host">): string {
  return isIP(host) === 0
    ? `a certificate with the subjectAltName DNS:${host}`
    : `a certificate with the subjectAltName IP:${host} (for an address nothing else in it counts)`;
}

function nameRemedy(fault: WrongHost): string {
  const needed = `the service needs ${describeNeededName(fault)}`;
  if (fault.names.length === 0) return needed;
  const set = "set tls.server_name to a name that it has";
  return isIP(fault.host) === 0 ? set : `${set}, or ${needed}`;
}

function describeAuthorities(tls: Tls | undefined): string {
  return tls?.caFile === undefined ? "one that is trusted here" : "one in tls.ca_file";
}

type WrongHost = Extract<TlsFault, { sort: "wrongHost" }>;

export function describeUntrusted(sort: "unknownIssuer" | "selfSigned"): string {
  const why = sort === "selfSigned" ? "it has signed itself" : "no authority that is trusted here has signed it";
  return `its certificate is not trusted (${why})`;
}

function trustRemedy(tls: Tls | undefined): string {
  return tls?.caFile === undefined ? "set tls.ca_file to the certificate of its authority" : "check tls.ca_file";
}

/** By its key in the workflow file, or else by the variable that names it. */
function nameOfFile(file: string, tls: Tls | undefined): string {
  if (file === tls?.caFile) return `its ca_file ${file}`;
  // One file may hold both; what is wrong with the key is said of the key.
  if (file === tls?.certFile) return `its cert_file ${file}`;
  if (file === tls?.keyFile) return `its key_file ${file}`;
  return `SSL_CERT_FILE (${file})`;
}
