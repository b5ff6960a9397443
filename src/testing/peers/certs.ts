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
  selfSignedCert: path("self-signed.pem"),
  selfSignedKey: path("self-signed.key"),
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
    selfSignedCert: read("selfSignedCert"),
    selfSignedKey: read("selfSignedKey"),
    weakCert: read("weakCert"),
    weakKey: read("weakKey"),
  };
}
