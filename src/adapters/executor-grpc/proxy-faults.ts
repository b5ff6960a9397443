// A proxy that does not lead to the service.
import type { ProxyFault, TlsFault } from "../grpc-client/fault.ts";
import { type Asked, type FaultReport, lasting, unreached } from "./fault-report.ts";
import { describeTlsFault, describeUntrusted } from "./tls-faults.ts";
import { quoteForeign } from "./words.ts";

export function describeProxyFault(proxy: string, fault: ProxyFault, asked: Asked): FaultReport {
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
    case "hungUp":
      return say(
        proxy.startsWith("http:")
          ? "accepted the connection and hung up; it may expect TLS (https:// in its URL)"
          : "accepted the connection and hung up",
      );
    case "notHttp":
      return lasting(say("does not speak HTTP"));
    case "badUrl":
      return lasting(
        say(
          "that the environment names is no URL of http or https; in a user or password, # / ? @ \\ are %23 %2F %3F %40 %5C",
        ),
      );
    case "tls":
      return lasting(say(`and we do not agree on TLS: ${describeTlsOfProxy(fault.tls, asked)}`));
  }
}

/** What a service has keys for in the file, a proxy has in the environment, or not at all. */
function describeTlsOfProxy(fault: TlsFault, { secrets }: Asked): string {
  switch (fault.sort) {
    case "unknownIssuer":
    case "selfSigned":
      return `${describeUntrusted(fault.sort)}; set NODE_EXTRA_CA_CERTS to the certificate of its authority`;
    case "wrongHost":
      return `its certificate is for another name (${quoteForeign(fault.names.join(", "), secrets)}), not for ${fault.host}`;
    case "clientCertificateRequired":
      return "it asks for a client certificate, and is not shown one";
    case "plaintextPeer":
      return "it speaks plaintext; write http:// in its URL";
    default:
      return describeTlsFault(fault, { tls: undefined, secrets });
  }
}

function describeProxyAnswer(who: string, status: number, asked: Asked): FaultReport {
  const answered = `${who} answered ${status}`;
  switch (status) {
    case 407:
      return lasting(
        unreached(
          asked,
          "SERVICE_PROXY",
          `${answered}: it wants a user and password in its URL, or others than those that stand there`,
        ),
      );
    case 502:
    case 503:
    case 504:
      return unreached(asked, "SERVICE_UNREACHABLE", `${answered}: it cannot reach the service either`);
    case 408:
    case 429:
    case 500:
      return unreached(asked, "SERVICE_PROXY", `${answered}: it takes no more for now, or has failed itself`);
    default:
      return lasting(unreached(asked, "SERVICE_PROXY", `${answered}: it does not pass the connection on`));
  }
}
