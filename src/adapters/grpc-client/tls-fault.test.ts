import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { PeerCertificate } from "node:tls";
import { type Handshake, readTlsError } from "./tls-fault.ts";

const HANDSHAKE: Handshake = { host: "h.test", hasIdentity: false, hasServerCertificate: true };

describe("a certificate for another name", () => {
  const namesOf = (cert: Partial<PeerCertificate>): readonly string[] => {
    const error = Object.assign(new Error(), { code: "ERR_TLS_CERT_ALTNAME_INVALID", cert });
    const fault = readTlsError(error, HANDSHAKE);
    assert.ok(fault?.sort === "wrongHost");
    return fault.names;
  };
  const subject = (CN: string | string[]): PeerCertificate["subject"] => ({ CN }) as PeerCertificate["subject"];

  it("has the names that could be asked for: by DNS, by address, and its CN where it has none by DNS", () => {
    for (const [cert, names] of [
      [{}, []],
      [{ subject: subject("a.test") }, ["a.test"]],
      [{ subject: subject(["a.test", "b.test"]) }, ["a.test", "b.test"]],
      [{ subject: subject("127.0.0.1") }, []],
      [{ subject: subject("a.test"), subjectaltname: "DNS:b.test, IP Address:10.0.0.1" }, ["b.test", "10.0.0.1"]],
      [{ subject: subject("a.test"), subjectaltname: "IP Address:10.0.0.1" }, ["a.test", "10.0.0.1"]],
      [{ subjectaltname: "URI:spiffe://a/b, email:x@y.test, othername:<unsupported>" }, []],
      [{ subjectaltname: 'DNS:"a\\u002c b", DNS:c.test' }, ["a, b", "c.test"]],
    ] as const) {
      assert.deepEqual(namesOf(cert as Partial<PeerCertificate>), names, JSON.stringify(cert));
    }
  });
});

describe("a date that is over, or not there yet", () => {
  const sortOf = (code: string, dates?: readonly [from: string, to: string]) => {
    const [valid_from, valid_to] = dates ?? ["", ""];
    const read = dates === undefined ? undefined : { valid_from, valid_to };
    return readTlsError(Object.assign(new Error(), { code }), { ...HANDSHAKE, dates: read })?.sort;
  };
  const PAST = ["Jan  1 00:00:00 2020 GMT", "Jan  1 00:00:00 2021 GMT"] as const;
  const NOW = ["Jan  1 00:00:00 2020 GMT", "Jan  1 00:00:00 2120 GMT"] as const;
  const FUTURE = ["Jan  1 00:00:00 2120 GMT", "Jan  1 00:00:00 2125 GMT"] as const;

  it("is the certificate's own, or else of an authority above it", () => {
    assert.equal(sortOf("CERT_HAS_EXPIRED", PAST), "expired");
    assert.equal(sortOf("CERT_HAS_EXPIRED", NOW), "authorityExpired");
    assert.equal(sortOf("CERT_HAS_EXPIRED"), "expired");
    assert.equal(sortOf("CERT_NOT_YET_VALID", FUTURE), "notYetValid");
    assert.equal(sortOf("CERT_NOT_YET_VALID", NOW), "authorityNotYetValid");
    assert.equal(sortOf("CERT_REVOKED", NOW), "revoked");
  });
});
