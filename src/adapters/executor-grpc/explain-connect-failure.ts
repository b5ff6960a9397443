// Why no connection came about: what grpc-js says of it, and where that is not enough, a look at the port.
import { escapeControls } from "../../kernel/text.ts";
import type { Service } from "../../workflow/model/service.ts";
import type { ConnectFailure } from "./connect-failure.ts";
import type { StatusObject } from "./grpc-js.ts";
import { findOutWhatListens } from "./probe.ts";

/** How long the look at a port may take. */
const PROBE_MS = 1000;

/** @param status for which `failedToConnect` holds */
export async function explainConnectFailure(
  service: Service,
  status: StatusObject,
  signal: AbortSignal,
): Promise<ConnectFailure> {
  const cause = causeOf(status.details);
  const known = readCause(cause);
  if (known !== undefined) return known;
  const found =
    service.tls === undefined
      ? await findOutWhatListens(service, AbortSignal.any([signal, AbortSignal.timeout(PROBE_MS)]))
      : undefined;
  return found ?? { code: "SERVICE_UNREACHABLE", text: `no connection came about: ${escapeControls(cause)}` };
}

/** `No connection established. Last error: <this> (<time>). Resolution note: ` */
function causeOf(details: string): string {
  const cause = details
    .replace(/^.*Last error: /s, "")
    .replace(/\. Resolution note: .*$/s, "")
    .trim();
  return cause.replace(/\s*\(\d{4}-\d\d-\d\dT[\d:.]+Z\)$/, "").replace(/^Error(?: \[\w+\])?: /, "");
}

/** What the operating system and OpenSSL say, and what it means. The first that matches counts. */
const CAUSES: readonly (readonly [RegExp, ConnectFailure["code"], (match: RegExpExecArray) => string])[] = [
  [
    /^Name resolution failed for target (?:dns:)?(?:\/\/[^/]*\/)?(.*?)(?::\d+)?$/,
    "SERVICE_UNKNOWN_NAME",
    (m) => `the host name ${m[1]} does not resolve`,
  ],
  [/ECONNREFUSED (\S+)/, "SERVICE_UNREACHABLE", (m) => `connection refused (${m[1]}): nothing listens there`],
  [/ENOENT (.+)$/, "SERVICE_UNREACHABLE", (m) => `there is no socket ${m[1]}: nothing listens there`],
  [/(?:EHOSTUNREACH|ENETUNREACH)(?: (\S+))?/, "SERVICE_UNREACHABLE", (m) => `there is no way to the host (${m[0]})`],
  [/ETIMEDOUT(?: (\S+))?/, "SERVICE_UNREACHABLE", (m) => `connecting took too long (${m[0]})`],
  [/EACCES (.+)$/, "SERVICE_UNREACHABLE", (m) => `this user may not connect to ${m[1]}`],
  [
    /wrong version number|packet length too long|http request/,
    "SERVICE_TLS",
    () => "the service expects plaintext, but the file has tls for it",
  ],
  [/alert no application protocol/, "SERVICE_WRONG_PROTOCOL", () => "it speaks TLS, but not HTTP/2"],
  [
    /alert (?:certificate required|handshake failure)/,
    "SERVICE_TLS",
    () => "the service asks for a client certificate: set tls.cert_file and tls.key_file",
  ],
  [
    /alert (unknown ca|bad certificate|certificate \w+|decrypt error)/,
    "SERVICE_TLS",
    (m) => `the service does not accept the client certificate (${m[1]})`,
  ],
  [
    /Hostname\/IP does not match certificate's altnames: (.*)$/s,
    "SERVICE_TLS",
    (m) => `its certificate is for another name (${m[1]}); set tls.server_name`,
  ],
  [
    /(?:unable to|self-signed|self signed|certificate has expired|CERT_|issuer certificate)(?:[^;]*)/,
    "SERVICE_TLS",
    (m) => `its certificate is not trusted (${m[0]}); check tls.ca_file`,
  ],
  [/SSL routines:[^:]*:([^:]+)/, "SERVICE_TLS", (m) => `the TLS handshake failed (${m[1]})`],
  [/disconnected before secure TLS connection/, "SERVICE_TLS", () => "it hung up during the TLS handshake"],
];

function readCause(cause: string): ConnectFailure | undefined {
  for (const [pattern, code, explain] of CAUSES) {
    const match = pattern.exec(cause);
    if (match !== null) return { code, text: escapeControls(explain(match)) };
  }
  return undefined;
}
