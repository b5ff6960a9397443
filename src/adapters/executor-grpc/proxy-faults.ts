// A proxy that does not lead to the service.
import type { ProxyFault, TlsFault } from "../grpc-client/fault.ts";
import { type Asked, type FaultReport, lasting, unreached } from "./fault-report.ts";
import { describeNeededName, describeTlsFault, describeUntrusted, describeWrongHost } from "./tls-faults.ts";

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
    case "expired":
      return "its certificate has expired; whoever runs the proxy must renew it";
    case "notYetValid":
      return "its certificate is not valid yet; the proxy needs another one, or the clock of a machine is wrong";
    case "authorityExpired":
      return "its own certificate is valid, but an authority above it has expired: one that is trusted here, or an intermediate that the proxy sends";
    case "authorityNotYetValid":
      return "its own certificate is valid, but an authority above it is not valid yet: one that is trusted here, or an intermediate that the proxy sends; or the clock of this machine is wrong";
    case "revoked":
      return "its certificate was revoked; whoever runs the proxy must renew it";
    case "notForServers":
      return "its certificate is not for servers (extended key usage); the proxy needs another one";
    case "wrongHost": {
      const { names } = fault;
      const name = names.length === 0 ? "" : "name the proxy in the environment as its certificate does, or ";
      return `${describeWrongHost(fault, secrets)}; ${name}the proxy needs ${describeNeededName(fault)}`;
    }
    case "clientCertificateRequired":
    case "clientCertificateRefused":
      return "it asks for a client certificate, and is not shown one";
    case "plaintextPeer":
      return "it speaks plaintext; write http:// in its URL";
    case "alert":
      if (fault.alert === "unrecognized name") {
        return "it ended the TLS handshake: it has no certificate for the name in its URL (alert: unrecognized name)";
      }
      return describeTlsFault(fault, { tls: undefined, secrets });
    // Of this machine: certificates that the environment names. Others have files of their own in the workflow.
    case "unreadableFile":
    case "fileNotAllowed":
    case "noCertificate":
    case "badCertificate":
    case "emptyFolders":
    case "badKey":
    case "keyOfAnotherCertificate":
    case "unusableCertificate":
    case "other":
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
