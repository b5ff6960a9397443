import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const path = (name: string): string => fileURLToPath(new URL(`certs/${name}`, import.meta.url));

/** Absolute paths of the fixture certificates; how they were made stands in certs/README.md. */
export const CERT_FILES = {
  /** Signed the server's and the client's certificate. */
  ca: path("ca.pem"),
  /** For localhost, 127.0.0.1, ::1 and analyzer.test. */
  serverCert: path("server.pem"),
  serverKey: path("server.key"),
  clientCert: path("client.pem"),
  clientKey: path("client.key"),
  /** Signed nothing that a server here shows. */
  otherCa: path("other-ca.pem"),
  /** Signed the two that follow, which are for localhost and 127.0.0.1 and have one key. */
  datedCa: path("dated-ca.pem"),
  /** Until 2021. */
  expiredCert: path("expired.pem"),
  /** From 2120 on. */
  notYetValidCert: path("not-yet-valid.pem"),
  datedKey: path("dated.key"),
  /** Signed what follows it. Until 2021. */
  expiredAuthority: path("expired-authority.pem"),
  /** The same authority, as another one has signed it, which is valid. Until 2021 as well. */
  expiredIntermediate: path("expired-intermediate.pem"),
  chainRoot: path("chain-root.pem"),
  /** Valid itself, for localhost and 127.0.0.1. */
  underExpiredCert: path("under-expired.pem"),
  underExpiredKey: path("under-expired.key"),
  selfSignedCert: path("self-signed.pem"),
  selfSignedKey: path("self-signed.key"),
  /** Self-signed, with an address for its CN and no alternative names. */
  noNamesCert: path("no-names.pem"),
  noNamesKey: path("no-names.key"),
  /** Of a key that OpenSSL does not work with any more. */
  weakCert: path("weak.pem"),
  weakKey: path("weak.key"),
};

export function readCerts(): { readonly [K in keyof typeof CERT_FILES]: Buffer } {
  const read = (name: keyof typeof CERT_FILES): Buffer => readFileSync(CERT_FILES[name]);
  return {
    ca: read("ca"),
    serverCert: read("serverCert"),
    serverKey: read("serverKey"),
    clientCert: read("clientCert"),
    clientKey: read("clientKey"),
    otherCa: read("otherCa"),
    datedCa: read("datedCa"),
    expiredCert: read("expiredCert"),
    notYetValidCert: read("notYetValidCert"),
    datedKey: read("datedKey"),
    expiredAuthority: read("expiredAuthority"),
    expiredIntermediate: read("expiredIntermediate"),
    chainRoot: read("chainRoot"),
    underExpiredCert: read("underExpiredCert"),
    underExpiredKey: read("underExpiredKey"),
    selfSignedCert: read("selfSignedCert"),
    selfSignedKey: read("selfSignedKey"),
    noNamesCert: read("noNamesCert"),
    noNamesKey: read("noNamesKey"),
    weakCert: read("weakCert"),
    weakKey: read("weakKey"),
  };
}
