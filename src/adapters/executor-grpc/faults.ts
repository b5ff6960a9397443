// What a fault of the gRPC client means for a service, in the words that people read: the one switch over all of them.
import { escapeControls } from "../../kernel/text.ts";
import type { Fault } from "../grpc-client/fault.ts";
import { Http2Code } from "../grpc-client/status.ts";
import { describeHangUp, describeRefusal, describeSight, describeSilence } from "./connect-faults.ts";
import { type Asked, against, broke, type FaultReport, lasting, limitOf, passing, unreached } from "./fault-report.ts";
import { describeProxyFault } from "./proxy-faults.ts";
import { describeTlsFault } from "./tls-faults.ts";
import { quoteForeign } from "./words.ts";

export function describeFault(fault: Fault, asked: Asked): FaultReport {
  const report = reportOf(fault, asked);
  // Peers, certificates and paths put characters of theirs into it.
  // Masked before as well: escaping may change how a secret reads.
  return { ...report, text: escapeControls(asked.secrets.mask(report.text)) };
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
    case "notAllowed":
      return lasting(
        unreached(asked, "SERVICE_NOT_ALLOWED", `this host's policy does not allow ${fault.address} (its addresses)`),
      );
    case "silent":
      return describeSilence(fault, asked);
    case "hungUp":
      return describeHangUp(fault.phase, asked);
    case "notHttp2":
      return describeSight(fault.saw, asked);
    case "tls":
      return lasting(unreached(asked, codeOfTls(fault.tls), describeTlsFault(fault.tls, asked)));
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
      return broke(asked, `: it said GOAWAY${describeGoaway(fault.httpCode, fault.debug, asked)}`);
    case "broken":
      return describeBroken(fault.what, asked);
    case "reset":
      return describeReset(fault.httpCode, asked);
    case "headersTooLarge":
      return against(`answered with headers or trailers of more than ${fault.limit} bytes`);
    case "messageTooLarge": {
      const verb = fault.of === "reply" ? "answered with" : "was to be sent";
      return against(`${verb} a message of ${fault.bytes} bytes, and its max_message_bytes is ${fault.limit}`);
    }
    case "badFrame":
      return against(`answered with a message that cannot be read: ${BAD_FRAMES[fault.what]}`);
    case "unknownEncoding":
      return against(
        `answered with a compression that was not offered: ${quoteForeign(fault.encoding, asked.secrets)}`,
      );
    case "badReply":
      return describeBadReply(fault.httpStatus, fault.contentType, asked);
    case "noStatus":
      return against(`ended the ${asked.what} without a gRPC status`);
    case "badStatus": {
      const text = quoteForeign(fault.text, asked.secrets);
      return against(`ended the ${asked.what} with a gRPC status that is no number: "${text}"`);
    }
    case "messageCount":
      return against(
        fault.messages === "none" ? "answered OK without a message" : "answered with more than one message",
      );
    case "metadataTooLarge":
      return lasting(against(`cannot be sent its metadata: it is longer than ${fault.limit} bytes altogether`));
    case "badMetadata":
      return against(`cannot be sent the metadata "${fault.key}"`);
    case "cancelled":
      return passing("SERVICE_CHECK_FAILED", `was not asked any further: the ${asked.what} was cancelled`);
    case "channelClosed":
      return lasting(passing("INTERNAL", "was to be called by an executor that is closed"));
  }
}

function codeOfTls({ sort }: Extract<Fault, { kind: "tls" }>["tls"]): FaultReport["code"] {
  return sort === "fileNotAllowed" ? "SERVICE_NOT_ALLOWED" : "SERVICE_TLS";
}

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

/** Node ends a stream as well, with the same event, where what came on it is not allowed. */
function describeReset(httpCode: number, { what }: Asked): FaultReport {
  const reset = `(RST_STREAM with code ${httpCode})`;
  switch (httpCode) {
    case Http2Code.REFUSED_STREAM:
      return passing("SERVICE_NOT_SERVING", `refused the ${what}: it takes no more for now ${reset}`);
    case Http2Code.PROTOCOL_ERROR:
      return against(`gave up the ${what}, or answered with what HTTP/2 does not allow ${reset}`);
    case Http2Code.FRAME_SIZE_ERROR:
      return against(`gave up the ${what}; what it says of its failure may be too long for a header ${reset}`);
    case Http2Code.ENHANCE_YOUR_CALM:
      return against(`gave up the ${what}, or answered with far too many headers ${reset}`);
    default:
      return against(`gave up the ${what} ${reset}`);
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
      return broke(asked, ": it was ended, because it was flooded with PING, SETTINGS or empty frames");
  }
}

function describeGoaway(httpCode: number, debug: string, { secrets }: Asked): string {
  const code = httpCode === 0 ? "" : ` with code ${httpCode}`;
  return debug === "" ? code : `${code} (${quoteForeign(debug, secrets)})`;
}

/** HTTP, but no gRPC: a web server, or something between that answers in the place of the service. */
function describeBadReply(httpStatus: number, contentType: string, { secrets }: Asked): FaultReport {
  if (httpStatus === 200) {
    const type = contentType === "" ? "no content-type" : `content-type ${quoteForeign(contentType, secrets)}`;
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
