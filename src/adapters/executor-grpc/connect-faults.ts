// Peers to which no connection of gRPC came about, and who are no proxy.
import { describeCode } from "../../kernel/describe-failure.ts";
import type { Secrets } from "../../kernel/secrets.ts";
import type { Fault, Sight } from "../grpc-client/fault.ts";
import { type Asked, type FaultReport, lasting, limitOf, passing, unreached } from "./fault-report.ts";
import { maskBeginning, quoteForeign } from "./words.ts";

export function describeRefusal(address: string, code: string): string {
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
    case "EINVAL":
    case "ENAMETOOLONG":
      return `${address} is no address that can be connected to (${code}): ${
        address.startsWith("unix:")
          ? "the path is too long"
          : "of an IPv6 address, its zone must be a network interface"
      }`;
    default:
      return `no connection to ${address} came about: ${describeCode(code)}`;
  }
}

export function describeHangUp(phase: string, asked: Asked): FaultReport {
  if (asked.tls === undefined) {
    return unreached(asked, "SERVICE_UNREACHABLE", "it accepted the connection and hung up");
  }
  if (phase !== "preface") return unreached(asked, "SERVICE_TLS", "it hung up during the TLS handshake");
  // Servers on Node or on gRPC's C core (Python) refuse a client certificate without a word. It may as well be one that
  // is being stopped.
  const what =
    asked.tls.certFile === undefined
      ? "it may ask for a client certificate: set tls.cert_file and tls.key_file"
      : "it may not accept the client certificate (tls.cert_file)";
  return unreached(asked, "SERVICE_TLS", `it hung up right after the TLS handshake; ${what}`);
}

/**
 * Whether it hung up before a word was said. So does also what forwards connections (a port that Docker publishes,
 * `kubectl port-forward`, `ssh -L`, a sidecar) while the service behind it is still starting.
 */
export function isWordlessHangUp(fault: Fault): boolean {
  if (fault.kind === "hungUp") return fault.phase !== "preface" && fault.amid !== true;
  return fault.kind === "notHttp2" && fault.saw.sort === "nothing";
}

export function describeSight(saw: Sight, asked: Asked): FaultReport {
  switch (saw.sort) {
    case "tls":
      return lasting(unreached(asked, "SERVICE_TLS", "the service expects TLS, but the file has no tls for it"));
    case "noAlpn":
      return lasting(unreached(asked, "SERVICE_WRONG_PROTOCOL", "it speaks TLS, but not HTTP/2"));
    case "notAsAgreed":
      return unreached(asked, "SERVICE_WRONG_PROTOCOL", "it agreed on HTTP/2 over TLS, but does not speak HTTP/2");
    case "noHttp2":
      return unreached(asked, "SERVICE_WRONG_PROTOCOL", "it does not speak gRPC, or expects TLS (tls in the file)");
    case "nothing":
      return unreached(asked, "SERVICE_WRONG_PROTOCOL", "it accepts connections and hangs up: it does not speak gRPC");
    case "bytes":
      return unreached(
        asked,
        "SERVICE_WRONG_PROTOCOL",
        `it does not speak gRPC; ${describeGreeting(saw.bytes, asked.secrets)}`,
      );
  }
}

/** Says where it stopped: what there is to be looked at is another thing each time. */
export function describeSilence(fault: Extract<Fault, { kind: "silent" }>, asked: Asked): FaultReport {
  const { address, phase, proxy } = fault;
  // Of a call the limit counts from when it was made, and a connection may be given up before.
  const time = asked.what === "call" ? "in time" : `within ${limitOf(asked)}`;
  if (phase === "connect") {
    const why = "its host is down or overloaded, or something on the way drops packets";
    return unreached(asked, "SERVICE_UNREACHABLE", `no connection to ${address} came about ${time}; ${why}`);
  }
  const where = proxy === undefined ? "something accepts connections there" : `the proxy ${proxy} found a way there`;
  const how = phase === "tls" ? "the TLS handshake is not answered" : "no HTTP/2 settings come";
  const text = `did not answer as a gRPC server ${time}: ${where}, but ${how}; it hangs, or is no gRPC server`;
  return passing("SERVICE_SILENT", text);
}

function describeGreeting(bytes: Uint8Array, secrets: Secrets): string {
  // Only what came at first was looked at.
  const [line = ""] = maskBeginning(new TextDecoder().decode(bytes, { stream: true }), secrets).split(/\r?\n/, 1);
  const protocol = /^HTTP\/1\.\d/.exec(line)?.[0];
  if (protocol !== undefined) return `a web server answers with ${protocol}`;
  return `it answers "${quoteForeign(line, secrets)}"`;
}
