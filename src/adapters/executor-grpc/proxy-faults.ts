// A proxy that does not lead to the service.
import type { ProxyFault } from "../grpc-client/fault.ts";
import { type Asked, type FaultReport, lasting, unreached } from "./fault-report.ts";
import { describeTlsFault } from "./tls-faults.ts";

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
