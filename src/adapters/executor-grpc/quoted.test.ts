// What peers say stands in messages of ours: cut, on one line, and without any part of a secret.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { createSecrets } from "../../kernel/secrets.ts";
import { attemptAt, serviceAt } from "../../testing/peers/service.ts";
import type { Fault, TlsFault } from "../grpc-client/fault.ts";
import { Code } from "../grpc-client/status.ts";
import { describeOffers } from "./offers.ts";
import { type AttemptContext, outcomeOfEnd, outcomeOfReply } from "./outcome.ts";
import { writeTexts } from "./wire.ts";

const SERVICE = serviceAt("far.test:1", { tls: { caFile: "/ca.pem" } });
const ATTEMPT = attemptAt(SERVICE, { timeoutMs: 1000 });
/** How much of a greeting the client gives on. */
const GREETING_BYTES = 256;

type Say = (text: string, context: AttemptContext) => string;

function ofFault(make: (text: string) => Fault): Say {
  return (text, context) => {
    const end = { code: Code.UNAVAILABLE, message: "", metadata: {}, trailers: {}, sent: true, fault: make(text) };
    const outcome = outcomeOfEnd(context, end, 1, undefined);
    assert.ok(outcome.outcome === "failed");
    return outcome.error.message;
  };
}
const ofTls = (make: (text: string) => TlsFault): Say =>
  ofFault((text) => ({ kind: "tls", address: "far.test:1", tls: make(text) }));
const ofProxy = (make: (text: string) => TlsFault): Say =>
  ofFault((text) => ({ kind: "proxy", proxy: "https://p", proxyFault: { sort: "tls", tls: make(text) } }));
const ofStatus =
  (code: number): Say =>
  (text, context) => {
    const end = { code, message: text, metadata: {}, trailers: {}, sent: true };
    const outcome = outcomeOfEnd(context, end, 1, undefined);
    assert.ok(outcome.outcome !== "succeeded");
    return outcome.error.message;
  };

/** Every place where a peer's own words come into a message, and how long that may become. */
const PLACES: Readonly<Record<string, readonly [say: Say, maxBytes: number]>> = {
  "GOAWAY's debug data": [ofFault((debug) => ({ kind: "goaway", httpCode: 11, debug })), 400],
  "grpc-status": [ofFault((text) => ({ kind: "badStatus", text })), 400],
  "grpc-encoding": [ofFault((encoding) => ({ kind: "unknownEncoding", encoding })), 400],
  "content-type": [ofFault((contentType) => ({ kind: "badReply", httpStatus: 200, contentType })), 400],
  "what it says instead of HTTP/2": [
    ofFault((text) => ({
      kind: "notHttp2",
      address: "far.test:1",
      saw: { sort: "bytes", bytes: Buffer.from(text).subarray(0, GREETING_BYTES) },
    })),
    400,
  ],
  "the names of its certificate": [ofTls((text) => ({ sort: "wrongHost", host: "far.test", names: ["a", text] })), 600],
  "the names of a proxy's certificate": [
    ofProxy((text) => ({ sort: "wrongHost", host: "p", names: [text, "b"] })),
    500,
  ],
  "grpc-message": [ofStatus(Code.INTERNAL), 4500],
  "grpc-message of a status that gRPC does not have": [ofStatus(42), 4500],
  "grpc-message of its own deadline": [ofStatus(Code.DEADLINE_EXCEEDED), 4500],
  "a reply that reports failure": [
    (text, context) => {
      const outcome = outcomeOfReply(context, writeTexts([2, text]));
      assert.ok(outcome.outcome === "failed");
      return outcome.error.message;
    },
    4500,
  ],
  "a reply that reports success": [
    (text, context) => {
      const outcome = outcomeOfReply(context, Buffer.concat([Buffer.from([8, 1]), writeTexts([2, text])]));
      assert.ok(outcome.outcome === "succeeded");
      return (outcome.output as { readonly message: string }).message;
    },
    4500,
  ],
  "what it offers instead": [(text, { secrets }) => describeOffers(["a.B/c", text], secrets), 4500],
};

/** Of letters that no word of ours has. */
const secretOf = (units: readonly string[]) =>
  fc.array(fc.constantFrom(...units), { minLength: 8, maxLength: 300 }).map((all) => `Q${all.join("")}Q`);
const secret = fc.oneof(
  secretOf(["Q", "Z", "J"]),
  secretOf(["Q", "Ж", "é", "語"]),
  secretOf(["Z", "\t", "\x1b", "\\"]),
);
const PARTS = /[QZJЖé語]/;

describe("what a peer says, in a message", () => {
  for (const [place, [say, maxBytes]] of Object.entries(PLACES)) {
    it(`shows nothing of a secret, wherever it is cut: ${place}`, () => {
      const cut = maxBytes > 4096 ? 4096 : 200;
      const before = fc.oneof(fc.nat(GREETING_BYTES + 20), fc.integer({ min: Math.max(0, cut - 320), max: cut + 20 }));
      fc.assert(
        fc.property(secret, before, fc.nat(400), (value, left, right) => {
          const secrets = createSecrets(() => value);
          secrets.read("TOKEN");
          const message = say(`${".".repeat(left)}${value}${".".repeat(right)}`, {
            service: SERVICE,
            attempt: ATTEMPT,
            secrets,
          });
          assert.doesNotMatch(message, PARTS);
          assert.doesNotMatch(message, /\p{Cc}/u);
        }),
        { numRuns: 400 },
      );
    });

    it(`is cut, and one line: ${place}`, () => {
      const context = { service: SERVICE, attempt: ATTEMPT, secrets: createSecrets(() => undefined) };
      for (const text of ["x".repeat(9000), "\x1b\n".repeat(4000), "語".repeat(5000)]) {
        const message = say(text, context);
        assert.ok(Buffer.byteLength(message) < maxBytes, `${Buffer.byteLength(message)}`);
        assert.doesNotMatch(message, /\p{Cc}/u);
      }
    });
  }
});
