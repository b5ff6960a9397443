/**
 * Why a call ended as it did, where it was not the server that said so. Every status made on this side carries one;
 * a status that the server sent carries none. Whoever shows it to people chooses the words.
 */
export type Fault =
  /** @property code of getaddrinfo, e.g. `ENOTFOUND`, `EAI_AGAIN` */
  | { readonly kind: "unresolvable"; readonly host: string; readonly code: string }
  /** The deadline came while the name was still looked up. */
  | { readonly kind: "resolving"; readonly host: string }
  /** The operating system did not connect. @property code an errno: `ECONNREFUSED`, `ENOENT`, `EHOSTUNREACH`, … */
  | { readonly kind: "refused"; readonly address: string; readonly code: string }
  /**
   * A peer let us wait in a phase of connecting until the deadline came, the call's or the connection's.
   * @property proxy the one that has given a way to it, if one did
   */
  | { readonly kind: "silent"; readonly address: string; readonly phase: Phase; readonly proxy?: string }
  /** The program's own guard does not let it be connected to. */
  | { readonly kind: "notAllowed"; readonly address: string }
  /** It hung up in a phase of connecting, without a word of why. @property amid what it had begun to say of TLS */
  | { readonly kind: "hungUp"; readonly address: string; readonly phase: Phase; readonly amid?: true }
  | { readonly kind: "notHttp2"; readonly address: string; readonly saw: Sight }
  | { readonly kind: "tls"; readonly address: string; readonly tls: TlsFault }
  /** @property proxy its URL without user and password */
  | { readonly kind: "proxy"; readonly proxy: string; readonly proxyFault: ProxyFault }
  /** Connected, but no stream became free in time: the server allows no more at once. */
  | { readonly kind: "queued" }
  /** So many calls wait for a connection or a stream that no more are taken. */
  | { readonly kind: "crowded"; readonly waiting: number }
  /** The call was sent and not answered in time. @property heard whether the peer sent anything at all meanwhile */
  | { readonly kind: "late"; readonly heard: boolean; readonly got: Progress }
  /** The connection was lost under the call. @property code an errno, undefined where it was closed in order */
  | { readonly kind: "lost"; readonly code?: string }
  /** The connection was given up because a keepalive ping was not answered. */
  | { readonly kind: "unanswered" }
  /**
   * What came on the connection was no HTTP/2, or had header lists beyond all limits, and ended it: by the call itself
   * (`reply`, it was alone), by another, or by one that cannot be told; or it was a flood of PING, SETTINGS or
   * empty frames.
   */
  | { readonly kind: "broken"; readonly what: "reply" | "headersOfAnotherCall" | "frames" | "flood" }
  /** @property httpCode of RST_STREAM */
  | { readonly kind: "reset"; readonly httpCode: number }
  | { readonly kind: "goaway"; readonly httpCode: number; readonly debug: string }
  | { readonly kind: "headersTooLarge"; readonly limit: number }
  | {
      readonly kind: "messageTooLarge";
      readonly of: "request" | "reply";
      readonly bytes: number;
      readonly limit: number;
    }
  /** A reply that is not framed as gRPC asks. */
  | { readonly kind: "badFrame"; readonly what: "cutOff" | "flags" | "compressedWithoutEncoding" | "undecodable" }
  | { readonly kind: "unknownEncoding"; readonly encoding: string }
  /** HTTP, but no gRPC. @property contentType empty where there was none */
  | { readonly kind: "badReply"; readonly httpStatus: number; readonly contentType: string }
  /** gRPC, but no status at its end. */
  | { readonly kind: "noStatus" }
  /** A `grpc-status` that is no number, or several of them. */
  | { readonly kind: "badStatus"; readonly text: string }
  /** A unary call was answered OK with no message, or with more than one. */
  | { readonly kind: "messageCount"; readonly messages: "none" | "several" }
  /** Metadata that HTTP/2 cannot carry. */
  | { readonly kind: "badMetadata"; readonly key: string }
  | { readonly kind: "metadataTooLarge"; readonly limit: number }
  /** The caller's own signal, or `cancel`. */
  | { readonly kind: "cancelled" }
  | { readonly kind: "channelClosed" };

/** `connect` is TCP, to the proxy if there is one; `proxy` its answer to CONNECT; `preface` the first SETTINGS. */
export type Phase = "connect" | "proxy" | "tls" | "preface";

/** How far a reply had come: not begun, its headers, some of a message, a whole one that no status has followed. */
export type Progress = "nothing" | "headers" | "part" | "message";

/** What a peer says that does not say HTTP/2: its first bytes, TLS, or nothing before it hangs up. */
export type Sight =
  | { readonly sort: "bytes"; readonly bytes: Uint8Array }
  | { readonly sort: "tls" }
  | { readonly sort: "noAlpn" }
  /** Something else, though it agreed on HTTP/2 in TLS: a gateway whose other side is away may say so in HTTP/1.1. */
  | { readonly sort: "notAsAgreed" }
  /** Something else, behind a proxy: there is no second look. */
  | { readonly sort: "noHttp2" }
  | { readonly sort: "nothing" };

export type TlsFault =
  | { readonly sort: "expired" | "notYetValid" | "revoked" | "notForServers" }
  /** Its own certificate is valid, and not one above it: among those that are trusted, or that it sends. */
  | { readonly sort: "authorityExpired" | "authorityNotYetValid" }
  | { readonly sort: "unknownIssuer" | "selfSigned" }
  /** @property names for which the certificate is, and which could be asked for; to an address a CN is none */
  | { readonly sort: "wrongHost"; readonly host: string; readonly names: readonly string[] }
  | { readonly sort: "clientCertificateRequired" }
  /** @property alert by which the server refused it */
  | { readonly sort: "clientCertificateRefused"; readonly alert: string }
  | { readonly sort: "unreadableFile"; readonly file: string; readonly code: string }
  /** The program's own guard does not let it be read. */
  | { readonly sort: "fileNotAllowed"; readonly file: string }
  | { readonly sort: "noCertificate" | "badCertificate" | "badKey"; readonly file: string }
  /** SSL_CERT_DIR stands instead of all others, and has no certificate that can be read. */
  | { readonly sort: "emptyFolders"; readonly folders: string }
  | { readonly sort: "keyOfAnotherCertificate"; readonly file: string }
  /** OpenSSL does not work with it: too weak, by the security level of this machine. @property code of OpenSSL */
  | { readonly sort: "unusableCertificate"; readonly file: string; readonly code: string }
  /** It answers in plaintext. */
  | { readonly sort: "plaintextPeer" }
  /** @property alert e.g. `protocol version` */
  | { readonly sort: "alert"; readonly alert: string }
  /** @property code of Node or OpenSSL */
  | { readonly sort: "other"; readonly code: string };

export type ProxyFault =
  | { readonly sort: "answer"; readonly httpStatus: number }
  | { readonly sort: "unreachable"; readonly code: string }
  | { readonly sort: "unresolvable"; readonly code: string }
  /** @property phase in which it let us wait: did not take the connection, or did not answer CONNECT */
  | { readonly sort: "silent"; readonly phase: "connect" | "proxy" }
  | { readonly sort: "hungUp" }
  | { readonly sort: "notHttp" }
  | { readonly sort: "badUrl" }
  | { readonly sort: "tls"; readonly tls: TlsFault };
