// What a fault of the gRPC client means for a service, in the words that people read. The only place that has them.
import { describeCode } from "../../kernel/describe-failure.ts";
import { formatDuration } from "../../kernel/durations.ts";
import type { ErrorCode } from "../../kernel/error-table.ts";
import { escapeControls } from "../../kernel/text.ts";
import type { Tls } from "../../workflow/model/service.ts";
import type { Fault, ProxyFault, Sight, TlsFault } from "../grpc-client/fault.ts";

/** What the service was asked when the fault came. */
export interface Asked {
  readonly what: "call" | "health check" | "check";
  readonly limitMs: number;
  readonly tls: Tls | undefined;
}

export interface FaultReport {
  /** Of the finding that it is. */
  readonly code: Extract<ErrorCode, `SERVICE_${string}` | "INTERNAL">;
  /** Goes on from "<service> at <address> ". */
  readonly text: string;
  /** Whether every further try would end alike until somebody mends something. */
  readonly isFinal: boolean;
}

export function describeFault(fault: Fault, asked: Asked): FaultReport {
  const report = reportOf(fault, asked);
  // Peers, certificates and paths put characters of theirs into it.
  return { ...report, text: escapeControls(report.text) };
}

function reportOf(fault: Fault, asked: Asked): FaultReport {
  switch (fault.kind) {
    case "unresolvable":
      return unreached(asked, "SERVICE_UNKNOWN_NAME", `the host name ${fault.host} does not resolve`);
    case "resolving": {
      const notAsked = asked.what === "call" ? "was not called in time" : `was not asked within ${limitOf(asked)}`;
      const why = "its host name was still being looked up; the machine's DNS does not answer";
      return passing("SERVICE_UNKNOWN_NAME", `${notAsked}: ${why}`);
    }
    case "refused":
      return unreached(asked, "SERVICE_UNREACHABLE", describeRefusal(fault.address, fault.code));
    case "silent":
      return describeSilence(fault, asked);
    case "hungUp":
      return describeHangUp(fault.phase, asked);
    case "notHttp2":
      return describeSight(fault.saw, asked);
    case "tls":
      return lasting(unreached(asked, "SERVICE_TLS", describeTlsFault(fault.tls, asked.tls)));
    case "proxy":
      return describeProxyFault(fault.proxy, fault.proxyFault, asked);
    case "queued":
      return passing(
        "SERVICE_SILENT",
        `took no more calls at once within ${limitOf(asked)}; lower its max_concurrency to what it can take`,
      );
    case "crowded":
      return passing(
        "SERVICE_CHECK_FAILED",
        `has ${fault.waiting} calls waiting for it already; set its max_concurrency, or lower max_parallel`,
      );
    case "late": {
      const what = asked.what === "call" ? "" : ` the ${asked.what}`;
      if (fault.got === "nothing") return passing("SERVICE_SILENT", `did not answer${what} within ${limitOf(asked)}`);
      const begun = `began to answer${what} and did not finish within ${limitOf(asked)}`;
      return passing("SERVICE_SILENT", `${begun}: it stopped after ${STOPPED_AFTER[fault.got]}`);
    }
    case "lost":
      return broke(asked, fault.code === undefined ? "" : ` (${fault.code})`);
    case "unanswered":
      return broke(asked, ": it stopped answering, pings too");
    case "goaway":
      return broke(asked, `: it said GOAWAY${describeGoaway(fault.httpCode, fault.debug)}`);
    case "broken":
      return describeBroken(fault.what, asked);
    case "reset":
      return fault.httpCode === REFUSED_STREAM
        ? passing("SERVICE_NOT_SERVING", `refused the ${asked.what}: it takes no more for now (RST_STREAM with code 7)`)
        : passing("SERVICE_CHECK_FAILED", `gave up the ${asked.what} (RST_STREAM with code ${fault.httpCode})`);
    case "headersTooLarge":
      return against(`answered with headers or trailers of more than ${fault.limit} bytes`);
    case "messageTooLarge": {
      const verb = fault.of === "reply" ? "answered with" : "was to be sent";
      return against(`${verb} a message of ${fault.bytes} bytes, and its max_message_bytes is ${fault.limit}`);
    }
    case "badFrame":
      return against(`answered with a message that cannot be read: ${BAD_FRAMES[fault.what]}`);
    case "unknownEncoding":
      return against(`answered with a compression that was not offered: ${fault.encoding}`);
    case "badReply":
      return describeBadReply(fault.httpStatus, fault.contentType);
    case "noStatus":
      return against(`ended the ${asked.what} without a gRPC status`);
    case "messageCount":
      return against(
        fault.messages === "none" ? "answered OK without a message" : "answered with more than one message",
      );
    case "badMetadata":
      return against(`cannot be sent the metadata "${fault.key}"`);
    case "cancelled":
      return passing("SERVICE_CHECK_FAILED", `was not asked any further: the ${asked.what} was cancelled`);
    case "channelClosed":
      return lasting(passing("INTERNAL", "was to be called by an executor that is closed"));
  }
}

const REFUSED_STREAM = 7;

const STOPPED_AFTER = {
  headers: "the headers, before its message",
  part: "a part of its message",
  message: "its message, before the status",
} as const;

const BAD_FRAMES = {
  cutOff: "it is cut off",
  flags: "it is not framed as gRPC asks",
  compressedWithoutEncoding: "it is compressed, and does not say how",
  undecodable: "it cannot be decompressed",
} as const;

function passing(code: FaultReport["code"], text: string): FaultReport {
  return { code, text, isFinal: false };
}

/** Answered, and broke a rule of gRPC or a limit. */
function against(text: string): FaultReport {
  return passing("SERVICE_CHECK_FAILED", text);
}

function lasting(report: FaultReport): FaultReport {
  return { ...report, isFinal: true };
}

/** No connection came about. */
function unreached({ what }: Asked, code: FaultReport["code"], why: string): FaultReport {
  return passing(code, `${what === "call" ? "could not" : "cannot"} be reached: ${why}`);
}

function broke({ what }: Asked, how: string): FaultReport {
  return passing("SERVICE_UNREACHABLE", `broke the connection during the ${what}${how}`);
}

/** Of a call the limit counts from when it was made, and a connection may be given up before. */
function timeOf(asked: Asked): string {
  return asked.what === "call" ? "in time" : `within ${limitOf(asked)}`;
}

/** Says where it stopped: what there is to be looked at is another thing each time. */
function describeSilence(fault: Extract<Fault, { kind: "silent" }>, asked: Asked): FaultReport {
  const { address, phase, proxy } = fault;
  if (phase === "connect") {
    const why = "its host is down or overloaded, or something on the way drops packets";
    return unreached(asked, "SERVICE_UNREACHABLE", `no connection to ${address} came about ${timeOf(asked)}; ${why}`);
  }
  const where = proxy === undefined ? "something accepts connections there" : `the proxy ${proxy} found a way there`;
  const how = phase === "tls" ? "the TLS handshake is not answered" : "no HTTP/2 settings come";
  const text = `did not answer as a gRPC server ${timeOf(asked)}: ${where}, but ${how}; it hangs, or is no gRPC server`;
  return passing("SERVICE_SILENT", text);
}

function limitOf({ limitMs }: Asked): string {
  return formatDuration(limitMs);
}

function describeRefusal(address: string, code: string): string {
  switch (code) {
    case "ECONNREFUSED":
      return `connection refused (${address}): nothing listens there`;
    case "ENOENT":
      return `there is no socket ${address.replace(/^unix:/, "")}: nothing listens there`;
    case "EHOSTUNREACH":
    case "ENETUNREACH":
    case "ENETDOWN":
    case "EHOSTDOWN":
      return `there is no way to the host (${code} ${address})`;
    case "ETIMEDOUT":
      return `connecting took too long (${code} ${address})`;
    case "EACCES":
    case "EPERM":
      return `this user may not connect to ${address}`;
    default:
      return `no connection to ${address} came about: ${describeCode(code)}`;
  }
}

function describeHangUp(phase: string, asked: Asked): FaultReport {
  if (asked.tls === undefined) {
    return unreached(asked, "SERVICE_UNREACHABLE", "it accepted the connection and hung up");
  }
  if (phase !== "preface") return unreached(asked, "SERVICE_TLS", "it hung up during the TLS handshake");
  // Servers on Node or on gRPC's C core (Python) refuse a client certificate without a word. It may as well be one that is being stopped.
  const what =
    asked.tls.certFile === undefined
      ? "it may ask for a client certificate: set tls.cert_file and tls.key_file"
      : "it may not accept the client certificate (tls.cert_file)";
  return unreached(asked, "SERVICE_TLS", `it hung up right after the TLS handshake; ${what}`);
}

function describeSight(saw: Sight, asked: Asked): FaultReport {
  switch (saw.sort) {
    case "tls":
      return lasting(unreached(asked, "SERVICE_TLS", "the service expects TLS, but the file has no tls for it"));
    case "noAlpn":
      return unreached(asked, "SERVICE_WRONG_PROTOCOL", "it speaks TLS, but not HTTP/2");
    case "nothing":
      return unreached(asked, "SERVICE_WRONG_PROTOCOL", "it accepts connections and hangs up: it does not speak gRPC");
    case "bytes":
      return unreached(asked, "SERVICE_WRONG_PROTOCOL", `it does not speak gRPC; ${describeGreeting(saw.bytes)}`);
  }
}

function describeGreeting(bytes: Uint8Array): string {
  const [line = ""] = Buffer.from(bytes).toString("latin1").split(/\r?\n/, 1);
  const protocol = /^HTTP\/1\.\d/.exec(line)?.[0];
  if (protocol !== undefined) return `a web server answers with ${protocol}`;
  return `it answers ${JSON.stringify(line.slice(0, 60))}`;
}

function describeTlsFault(fault: TlsFault, tls: Tls | undefined): string {
  switch (fault.sort) {
    case "expired":
      return "its certificate has expired; the service must renew it";
    case "notYetValid":
      return "its certificate is not valid yet; the service needs another one, or the clock of a machine is wrong";
    case "revoked":
      return "its certificate was revoked; the service must renew it";
    case "unknownIssuer":
      return `its certificate is not trusted (no authority that is trusted here has signed it); ${trustRemedy(tls)}`;
    case "selfSigned":
      return `its certificate is not trusted (it has signed itself); ${trustRemedy(tls)}`;
    case "wrongHost": {
      const names = fault.names.length === 0 ? "no host at all" : fault.names.join(", ");
      return `its certificate is for another name (${names}), not for ${fault.host}; set tls.server_name to a name that it has`;
    }
    case "clientCertificateRequired":
      return "the service asks for a client certificate: set tls.cert_file and tls.key_file";
    case "clientCertificateRefused":
      return `the service does not accept the client certificate (${fault.alert}); check tls.cert_file`;
    case "unreadableFile":
      return `${nameOfFile(fault.file, tls)} cannot be read: ${describeCode(fault.code)}`;
    case "noCertificate":
      return `${nameOfFile(fault.file, tls)} has no certificate in it (PEM: -----BEGIN CERTIFICATE-----)`;
    case "badCertificate":
      return `${nameOfFile(fault.file, tls)} has a certificate in it that cannot be read`;
    case "badKey":
      return `its tls files cannot be used: ${nameOfFile(fault.file, tls)} has no private key that can be read`;
    case "keyOfAnotherCertificate":
      return `its tls files cannot be used: ${nameOfFile(fault.file, tls)} is the key of another certificate than cert_file`;
    case "plaintextPeer":
      return "the service expects plaintext, but the file has tls for it";
    case "alert":
      return `it ended the TLS handshake (alert: ${fault.alert})`;
    case "other":
      return `the TLS handshake failed (${fault.code})`;
  }
}

function trustRemedy(tls: Tls | undefined): string {
  return tls?.caFile === undefined ? "set tls.ca_file to the certificate of its authority" : "check tls.ca_file";
}

/** By its key in the workflow file, or else by the variable that names it. */
function nameOfFile(file: string, tls: Tls | undefined): string {
  if (file === tls?.keyFile) return `its key_file ${file}`;
  if (file === tls?.certFile) return `its cert_file ${file}`;
  if (file === tls?.caFile) return `its ca_file ${file}`;
  return `SSL_CERT_FILE (${file})`;
}

function describeProxyFault(proxy: string, fault: ProxyFault, asked: Asked): FaultReport {
  const who = proxy === "" ? "the proxy" : `the proxy ${proxy}`;
  const say = (why: string): FaultReport => unreached(asked, "SERVICE_PROXY", `${who} ${why}`);
  switch (fault.sort) {
    case "answer":
      return describeProxyAnswer(who, fault.httpStatus, asked);
    case "unreachable":
      return say(`is not there (${fault.code})`);
    case "unresolvable":
      return say(`has a host name that does not resolve (${fault.code})`);
    case "silent":
      return say(fault.phase === "connect" ? "was not to be connected to in time" : "did not answer in time");
    case "notHttp":
      return lasting(say("does not speak HTTP"));
    case "badUrl":
      return lasting(say("that the environment names is no URL of http or https"));
    case "tls":
      return lasting(say(`and we do not agree on TLS: ${describeTlsFault(fault.tls, undefined)}`));
  }
}

function describeProxyAnswer(who: string, status: number, asked: Asked): FaultReport {
  const answered = `${who} answered ${status}`;
  switch (status) {
    case 407:
      return lasting(unreached(asked, "SERVICE_PROXY", `${answered}: it wants a user and password in its URL`));
    case 502:
    case 503:
    case 504:
      return unreached(asked, "SERVICE_UNREACHABLE", `${answered}: it cannot reach the service either`);
    default:
      return lasting(unreached(asked, "SERVICE_PROXY", `${answered}: it does not pass the connection on`));
  }
}

function describeBroken(what: Extract<Fault, { kind: "broken" }>["what"], asked: Asked): FaultReport {
  switch (what) {
    case "reply":
      return against(`answered with what is no HTTP/2, or with far too many headers`);
    case "headersOfAnotherCall":
      return broke(asked, ": it answered another call with far too many headers");
    case "frames":
      return broke(asked, ": it sent what is no HTTP/2");
    case "flood":
      return broke(asked, ": it was ended, because it was flooded with PING or SETTINGS");
  }
}

function describeGoaway(httpCode: number, debug: string): string {
  const code = httpCode === 0 ? "" : ` with code ${httpCode}`;
  return debug === "" ? code : `${code} (${debug.slice(0, 200)})`;
}

/** HTTP, but no gRPC: a web server, or something between that answers in the place of the service. */
function describeBadReply(httpStatus: number, contentType: string): FaultReport {
  if (httpStatus === 200) {
    const type = contentType === "" ? "no content-type" : `content-type ${contentType}`;
    return passing("SERVICE_WRONG_PROTOCOL", `answered with ${type} instead of gRPC: is it a gRPC server?`);
  }
  const text = `answered with HTTP status ${httpStatus} and no gRPC status`;
  switch (httpStatus) {
    case 401:
    case 403:
      return passing("SERVICE_CHECK_FAILED", text);
    case 429:
    case 502:
    case 503:
    case 504:
      return passing("SERVICE_NOT_SERVING", text);
    default:
      return passing("SERVICE_WRONG_PROTOCOL", `${text}: is it a gRPC server?`);
  }
}
