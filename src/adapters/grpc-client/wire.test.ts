// The formats: messages in bytes, percent coding, metadata, timeouts. Properties where any input may come.
import assert from "node:assert/strict";
import type { OutgoingHttpHeaders } from "node:http2";
import { describe, it } from "node:test";
import fc from "fast-check";
import { END_HEADERS, encodeFrame, FrameType } from "../../testing/peers/frames.ts";
import { createFrameWatch } from "./frame-watch.ts";
import { createDeframer, frameMessage } from "./framing.ts";
import { addMetadata, readBinary, readText } from "./metadata.ts";
import { decodePercent } from "./percent.ts";
import { encodeTimeout } from "./timeout.ts";

/** Bytes cut at these places, whatever they are. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = [0, ...places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return at.slice(1).map((end, index) => bytes.subarray(at[index], end));
}

const places = fc.array(fc.nat({ max: 100_000 }), { maxLength: 8 });
const messages = fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 6 });

describe("framing", () => {
  it("gives the same messages wherever the bytes are cut", () => {
    fc.assert(
      fc.property(messages, places, (sent, where) => {
        const got: Buffer[] = [];
        const deframer = createDeframer(1000, (message) => {
          got.push(Buffer.from(message));
          return undefined;
        });
        const bytes = Buffer.concat(sent.map(frameMessage));
        for (const chunk of cut(bytes, where)) assert.equal(deframer.push(chunk), undefined);
        assert.deepEqual(
          got,
          sent.map((one) => Buffer.from(one)),
        );
        assert.equal(deframer.isAmidMessage(), false);
      }),
    );
  });

  it("gives one message at every single cut, and byte by byte", () => {
    const bytes = frameMessage(Buffer.from("hello, world"));
    const cuts = Array.from({ length: bytes.length + 1 }, (_, at) => [bytes.subarray(0, at), bytes.subarray(at)]);
    for (const chunks of [...cuts, Array.from(bytes, (_, at) => bytes.subarray(at, at + 1))]) {
      const got: string[] = [];
      const deframer = createDeframer(100, (message) => {
        got.push(message.toString());
        return undefined;
      });
      for (const chunk of chunks) deframer.push(chunk);
      assert.deepEqual(got, ["hello, world"]);
    }
  });

  it("refuses a message that is too large by its head alone, wherever that is cut", () => {
    fc.assert(
      fc.property(fc.integer({ min: 101, max: 2 ** 32 - 1 }), places, (length, where) => {
        const deframer = createDeframer(100, () => undefined);
        const head = Buffer.alloc(5);
        head.writeUInt32BE(length, 1);
        const faults = cut(head, where).map((chunk) => deframer.push(chunk));
        assert.deepEqual(faults.at(-1) ?? faults.find((fault) => fault !== undefined), {
          kind: "messageTooLarge",
          of: "reply",
          bytes: length,
          limit: 100,
        });
      }),
    );
  });
});

describe("the watch of frames", () => {
  it("knows the stream whose header block is open, wherever the bytes are cut", () => {
    const frame = fc.record({
      type: fc.constantFrom(...Object.values(FrameType)),
      flags: fc.integer({ min: 0, max: 255 }),
      stream: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
      size: fc.nat({ max: 300 }),
    });
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 10 }), places, (frames, where) => {
        const watch = createFrameWatch();
        const bytes = frames.map(({ type, flags, stream, size }) =>
          encodeFrame(type, flags, stream, Buffer.alloc(size, 1)),
        );
        for (const chunk of cut(Buffer.concat(bytes), where)) watch.push(chunk);
        const last = frames.findLast(({ type }) => type === FrameType.HEADERS || type === FrameType.CONTINUATION);
        const isOpen = last !== undefined && (last.flags & END_HEADERS) === 0;
        assert.equal(watch.openHeaders, isOpen ? last.stream : undefined);
      }),
    );
  });
});

describe("grpc-message", () => {
  /** As a server encodes it (doc/PROTOCOL-HTTP2.md, "Percent-Encoded"). */
  const encode = (text: string): string =>
    Array.from(Buffer.from(text), (byte) =>
      byte >= 0x20 && byte <= 0x7e && byte !== 0x25
        ? String.fromCharCode(byte)
        : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`,
    ).join("");

  it("is read as it was meant", () => {
    fc.assert(fc.property(fc.string({ unit: "grapheme" }), (text) => assert.equal(decodePercent(encode(text)), text)));
  });

  it("stays as it came where it is not encoded", () => {
    const table = [
      ["50% off", "50% off"],
      ["%", "%"],
      ["%4", "%4"],
      ["%zz%41", "%zzA"],
      ["%FF", "\ufffd"],
      ["%e2%82%ac", "€"],
    ];
    // Bytes of UTF-8 that nobody has encoded, as Node reads them.
    for (const text of ["naïve", "€ 5%", "語"]) table.push([Buffer.from(text).toString("latin1"), text]);
    for (const [given = "", expected] of table) assert.equal(decodePercent(given), expected);
    fc.assert(fc.property(fc.string({ unit: "binary-ascii" }), (text) => void decodePercent(text)));
  });
});

describe("metadata", () => {
  it("carries bytes in -bin keys there and back, whole lists too, with or without padding", () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 20 }), { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        (values, padded) => {
          const headers: OutgoingHttpHeaders = {};
          assert.equal(
            addMetadata(
              headers,
              values.map((value) => ["x-bin", value] as const),
            ),
            undefined,
          );
          const texts = [headers["x-bin"] ?? []].flat().map(String);
          const sent = padded ? texts.map((text) => text.padEnd(Math.ceil(text.length / 4) * 4, "=")) : texts;
          const expected = values.map((value) => Buffer.from(value));
          assert.deepEqual(readBinary({ "x-bin": sent.join(",") }, "x-bin"), expected);
          assert.deepEqual(readBinary({ "x-bin": sent.join(", ") }, "x-bin"), expected);
        },
      ),
    );
  });

  it("leaves out what is no base64 and what is not there", () => {
    assert.deepEqual(readBinary({ "x-bin": "!!!,AQ" }, "x-bin"), [Buffer.from([1])]);
    assert.deepEqual(readBinary({}, "x-bin"), []);
    assert.equal(readText({ a: ["1", "2"] }, "a"), "1, 2");
  });

  it("names what HTTP/2 cannot carry or the protocol keeps to itself", () => {
    const wrong: readonly (readonly [string, string | Uint8Array])[] = [
      ["", "x"],
      ["A", "x"],
      ["a b", "x"],
      [":path", "/x"],
      ["grpc-timeout", "1S"],
      ["te", "x"],
      ["content-type", "x"],
      ["a", "line\nbreak"],
      ["a", "ü"],
      ["a", Buffer.from("x")],
      ["a-bin", "x"],
      ["connection", "close"],
      ["__proto__", "x"],
    ];
    for (const [key, value] of wrong) {
      assert.deepEqual(addMetadata({}, [[key, value]]), { kind: "badMetadata", key }, `${key}: ${value}`);
    }
    const headers = {};
    assert.equal(
      addMetadata(headers, [
        ["a", "1"],
        ["a", "2"],
        ["b", " x "],
        // What every object has by that name is none of it.
        ["constructor", "1"],
      ]),
      undefined,
    );
    assert.deepEqual(headers, { a: ["1", "2"], b: "x", constructor: "1" });
  });
});

describe("grpc-timeout", () => {
  it("has at most eight digits and never less than was given", () => {
    const ms: Record<string, number> = { n: 1e-6, u: 1e-3, m: 1, S: 1e3, M: 6e4, H: 3.6e6 };
    fc.assert(
      fc.property(fc.double({ min: 1e-5, max: 3e14, noNaN: true }), (timeoutMs) => {
        const [, digits = "", unit = ""] = /^(\d{1,8})([numSMH])$/.exec(encodeTimeout(timeoutMs)) ?? [];
        const meant = Number(digits) * (ms[unit] ?? Number.NaN);
        assert.ok(meant >= timeoutMs * (1 - 1e-9), `${timeoutMs}: ${digits}${unit}`);
        assert.ok(meant <= timeoutMs * 1.01 + 1, `${timeoutMs}: ${digits}${unit}`);
      }),
    );
    assert.deepEqual([-1, 0, 30_000, 1e8, 1e30].map(encodeTimeout), ["1n", "1n", "30000m", "100000S", "99999999H"]);
  });
});
