// How a call ends when the server resets, leaves or breaks the rules, at every moment of a call.
import assert from "node:assert/strict";
import { constants } from "node:http2";
import { describe, it } from "node:test";
import { createSteppingClock } from "../../kernel/clock.ts";
import {
  ACK,
  END_HEADERS,
  END_STREAM,
  encodeCode,
  encodeHeaders,
  encodeMessage,
  type Frame,
  type FrameConnection,
  FrameType,
  OK_TRAILERS,
  REPLY_HEADERS,
  startFramePeer,
} from "../../testing/peers/frames.ts";
import { channelTo } from "../../testing/peers/grpc-client.ts";
import { Code } from "./status.ts";

const PATH = "/test.Echo/Say";
const HELLO = Buffer.from("hello");
/** Not meant to be reached: all that is asked here ends for another reason. */
const TIMEOUT_MS = 60_000;

/** Calls back when the request of a stream has come whole, with how many came before it, on all connections. */
function onRequest(act: (stream: number, connection: FrameConnection, nth: number) => void) {
  let nth = 0;
  return (frame: Frame, connection: FrameConnection): void => {
    if (frame.type === FrameType.DATA && (frame.flags & END_STREAM) !== 0) {
      act(frame.stream, connection, nth);
      nth += 1;
    }
  };
}

async function callOnce(onFrame: (frame: Frame, connection: FrameConnection) => void) {
  await using peer = await startFramePeer(onFrame);
  using channel = channelTo(peer.address);
  return await channel.unary(PATH, HELLO, { timeoutMs: TIMEOUT_MS });
}

type Say = (connection: FrameConnection, stream: number) => void;

const headers: Say = (connection, stream) => connection.send(FrameType.HEADERS, END_HEADERS, stream, REPLY_HEADERS);
const data: Say = (connection, stream) => connection.send(FrameType.DATA, 0, stream, encodeMessage(HELLO));
const halfData: Say = (connection, stream) =>
  connection.send(FrameType.DATA, 0, stream, encodeMessage(HELLO).subarray(0, 7));

const MOMENTS: readonly (readonly [string, readonly Say[]])[] = [
  ["before any answer", []],
  ["after headers", [headers]],
  ["amid a message", [headers, halfData]],
  ["after a message", [headers, data]],
];

const RESETS: readonly (readonly [number, number])[] = [
  [constants.NGHTTP2_NO_ERROR, Code.INTERNAL],
  [constants.NGHTTP2_PROTOCOL_ERROR, Code.INTERNAL],
  [constants.NGHTTP2_INTERNAL_ERROR, Code.INTERNAL],
  [constants.NGHTTP2_FLOW_CONTROL_ERROR, Code.INTERNAL],
  [constants.NGHTTP2_SETTINGS_TIMEOUT, Code.INTERNAL],
  [constants.NGHTTP2_STREAM_CLOSED, Code.INTERNAL],
  [constants.NGHTTP2_FRAME_SIZE_ERROR, Code.INTERNAL],
  [constants.NGHTTP2_REFUSED_STREAM, Code.UNAVAILABLE],
  [constants.NGHTTP2_CANCEL, Code.CANCELLED],
  [constants.NGHTTP2_COMPRESSION_ERROR, Code.INTERNAL],
  [constants.NGHTTP2_CONNECT_ERROR, Code.INTERNAL],
  [constants.NGHTTP2_ENHANCE_YOUR_CALM, Code.RESOURCE_EXHAUSTED],
  [constants.NGHTTP2_INADEQUATE_SECURITY, Code.PERMISSION_DENIED],
  [constants.NGHTTP2_HTTP_1_1_REQUIRED, Code.INTERNAL],
];

describe("the end of a call", () => {
  const REFUSALS: readonly Say[] = [
    (connection, stream) => connection.send(FrameType.RST_STREAM, 0, stream, encodeCode(7)),
    (connection, stream) =>
      connection.send(FrameType.GOAWAY, 0, 0, Buffer.concat([encodeCode(stream - 1), encodeCode(0)])),
    (connection, stream) =>
      connection.send(FrameType.GOAWAY, 0, 0, Buffer.concat([encodeCode(stream - 1), encodeCode(2)])),
  ];

  for (const [moment, said] of MOMENTS) {
    it(`is the status that the protocol has for each code of RST_STREAM, ${moment}`, async () => {
      for (const [httpCode, code] of RESETS) {
        const result = await callOnce(
          onRequest((stream, connection) => {
            for (const say of said) say(connection, stream);
            connection.send(FrameType.RST_STREAM, 0, stream, encodeCode(httpCode));
          }),
        );
        assert.equal(result.code, code, `RST_STREAM ${httpCode}`);
        if (httpCode === 0) assert.equal(result.fault?.kind, "noStatus");
        else assert.deepEqual(result.fault, { kind: "reset", httpCode });
      }
    });

    it(`is UNAVAILABLE when the connection is lost ${moment}, closed or reset`, async () => {
      for (const leave of ["end", "resetAndDestroy"] as const) {
        const result = await callOnce(
          onRequest((stream, connection) => {
            for (const say of said) say(connection, stream);
            setImmediate(() => connection.socket[leave]());
          }),
        );
        assert.equal(result.code, Code.UNAVAILABLE, `${leave}: ${JSON.stringify(result)}`);
        assert.equal(result.fault?.kind, "lost", leave);
      }
    });

    it(`is UNAVAILABLE with the server's reason when it says GOAWAY with an error ${moment}`, async () => {
      const result = await callOnce(
        onRequest((stream, connection) => {
          for (const say of said) say(connection, stream);
          const payload = Buffer.concat([encodeCode(stream), encodeCode(2), Buffer.from("out of paper")]);
          connection.send(FrameType.GOAWAY, 0, 0, payload);
        }),
      );
      assert.equal(result.code, Code.UNAVAILABLE);
      assert.deepEqual(result.fault, { kind: "goaway", httpCode: 2, debug: "out of paper" });
    });

    it(`waits for the answer when the server says GOAWAY in order ${moment}`, async () => {
      const result = await callOnce(
        onRequest((stream, connection) => {
          for (const say of said) say(connection, stream);
          connection.send(FrameType.GOAWAY, 0, 0, Buffer.concat([encodeCode(stream), encodeCode(0)]));
          if (!said.includes(headers)) headers(connection, stream);
          if (said.includes(halfData)) connection.send(FrameType.DATA, 0, stream, encodeMessage(HELLO).subarray(7));
          else if (!said.includes(data)) data(connection, stream);
          connection.send(FrameType.HEADERS, END_HEADERS | END_STREAM, stream, OK_TRAILERS);
        }),
      );
      assert.equal(result.code, Code.OK, JSON.stringify(result.fault));
      assert.deepEqual(result.reply, HELLO);
    });
  }

  for (const [moment, said] of MOMENTS.slice(1)) {
    it(`is UNAVAILABLE, and none of a second try, where the server says ${moment} that it has not looked at it`, async () => {
      for (const refuse of REFUSALS) {
        let requests = 0;
        const result = await callOnce(
          onRequest((stream, connection) => {
            requests += 1;
            for (const say of said) say(connection, stream);
            refuse(connection, stream);
          }),
        );
        assert.equal(requests, 1);
        assert.equal(result.code, Code.UNAVAILABLE, JSON.stringify(result));
        assert.ok(result.fault?.kind === "reset" || result.fault?.kind === "goaway");
      }
    });
  }

  it("is that of the second try where the server has certainly not looked at the first", async () => {
    for (const refuse of REFUSALS) {
      const result = await callOnce(
        onRequest((stream, connection, nth) => {
          if (nth === 0) refuse(connection, stream);
          else connection.answer(stream, HELLO);
        }),
      );
      assert.equal(result.code, Code.OK, JSON.stringify(result));
    }
  });

  it("is heard at once where the connection breaks after a GOAWAY in order, and the server keeps its side open", async () => {
    const sayGoaway = (connection: FrameConnection, httpCode: number): void =>
      connection.send(FrameType.GOAWAY, 0, 0, Buffer.concat([encodeCode(0x7fff_ffff), encodeCode(httpCode)]));
    const breaks: Record<string, (connection: FrameConnection) => void> = {
      goaway: (connection) => sayGoaway(connection, 2),
      broken: (connection) => void connection.socket.write("HTTP/1.1 400 Bad Request\r\n\r\n"),
    };
    for (const [kind, breakOff] of Object.entries(breaks)) {
      const asked: FrameConnection[] = [];
      const onThird = onRequest((_stream, connection) => {
        asked.push(connection);
        if (asked.length < 3) return;
        for (const one of new Set(asked)) {
          sayGoaway(one, 0);
          one.send(FrameType.PING, 0, 0, Buffer.alloc(8));
        }
      });
      await using peer = await startFramePeer(
        (frame, connection) => {
          onThird(frame, connection);
          // The GOAWAY has been read: what breaks it comes in a packet of its own.
          if (frame.type === FrameType.PING && (frame.flags & ACK) !== 0) breakOff(connection);
        },
        { keepsOpen: true },
      );
      using channel = channelTo(peer.address);
      // One goes alone, two share a connection.
      const calls = [0, 1, 2].map(() => channel.unary(PATH, HELLO, { timeoutMs: TIMEOUT_MS }));
      const kinds = (await Promise.all(calls)).map(({ fault }) => fault?.kind);
      assert.deepEqual(kinds, [kind, kind, kind]);
      assert.equal(peer.connections(), 2);
    }
  });

  it("has the words of the GOAWAY that came before every call", async () => {
    for (const code of [0, 2, 11]) {
      const goaway = Buffer.concat([encodeCode(0), encodeCode(code), Buffer.from("not now")]);
      const result = await callOnce(
        onRequest((_stream, connection) => connection.send(FrameType.GOAWAY, 0, 0, goaway)),
      );
      assert.equal(result.code, Code.UNAVAILABLE);
      assert.deepEqual(result.fault, { kind: "goaway", httpCode: code, debug: "not now" });
    }
  });

  it("comes after the second refusal: a call is written twice at most", async () => {
    let requests = 0;
    const result = await callOnce(
      onRequest((stream, connection) => {
        requests += 1;
        connection.send(FrameType.RST_STREAM, 0, stream, encodeCode(7));
      }),
    );
    assert.equal(requests, 2);
    assert.equal(result.code, Code.UNAVAILABLE);
    assert.deepEqual(result.fault, { kind: "reset", httpCode: 7 });
  });

  it("is DEADLINE_EXCEEDED where the server cancels the stream for it before our own timer does", async () => {
    const stepping = createSteppingClock();
    const request = onRequest((stream, connection) => {
      stepping.advance(20);
      connection.send(FrameType.RST_STREAM, 0, stream, encodeCode(8));
    });
    await using peer = await startFramePeer(request);
    const clock = { ...stepping, after: () => () => undefined };
    using channel = channelTo(peer.address, { clock });
    const { code, fault } = await channel.unary(PATH, HELLO, { timeoutMs: 20 });
    assert.deepEqual([code, fault], [Code.DEADLINE_EXCEEDED, { kind: "late", heard: true, got: "nothing" }]);
  });

  it("answers pings while a call waits", async () => {
    let acks = 0;
    let asked = 0;
    const result = await callOnce((frame, connection) => {
      if (frame.type === FrameType.PING && (frame.flags & ACK) !== 0) {
        acks += 1;
        if (acks === 3) connection.answer(asked, HELLO);
      }
      if (frame.type === FrameType.DATA && (frame.flags & END_STREAM) !== 0) {
        asked = frame.stream;
        for (let ping = 0; ping < 3; ping += 1) connection.send(FrameType.PING, 0, 0, Buffer.alloc(8, ping));
      }
    });
    assert.equal(result.code, Code.OK);
  });

  const answered = (trailers: Buffer, message = encodeMessage(HELLO), head = REPLY_HEADERS): Promise<unknown> =>
    callOnce(
      onRequest((stream, connection) => {
        connection.send(FrameType.HEADERS, END_HEADERS, stream, head);
        connection.send(FrameType.DATA, 0, stream, message);
        connection.send(FrameType.HEADERS, END_HEADERS | END_STREAM, stream, trailers);
      }),
    );

  it("believes headers that say of a failure, with whatever body it ends, and no OK before its time", async () => {
    const headed = (httpStatus: string, contentType: string, status: string, body: string) =>
      callOnce(
        onRequest((stream, connection) => {
          const said = encodeHeaders([
            [":status", httpStatus],
            ["content-type", contentType],
            ["grpc-status", status],
            ["grpc-message", "words"],
          ]);
          connection.send(FrameType.HEADERS, END_HEADERS, stream, said);
          connection.send(FrameType.DATA, END_STREAM, stream, Buffer.from(body));
        }),
      );
    for (const [httpStatus, contentType, body] of [
      ["200", "application/grpc", ""],
      ["503", "application/grpc", ""],
      ["503", "text/html", "<html>"],
      ["200", "text/html", "<html>"],
    ] as const) {
      for (const status of [Code.UNAVAILABLE, Code.UNIMPLEMENTED, Code.UNKNOWN]) {
        const { code, message, fault } = await headed(httpStatus, contentType, String(status), body);
        assert.deepEqual([code, message, fault], [status, "words", undefined], `${httpStatus} ${contentType}`);
      }
      const { code } = await headed(httpStatus, contentType, "0", body);
      assert.notEqual(code, Code.OK, `${httpStatus} ${contentType}`);
    }
  });

  it("reads what came and says what is missing or against the rules", async () => {
    const head = (...more: (readonly [string, string])[]): Buffer =>
      encodeHeaders([[":status", "200"], ["content-type", "application/grpc"], ...more]);
    const cases: readonly (readonly [string, Promise<unknown>, number, object | undefined])[] = [
      ["no grpc-status", answered(encodeHeaders([["x", "y"]])), Code.UNKNOWN, { kind: "noStatus" }],
      ...["x", "", "-1", "0x0", "1e1", "99999999999", "UNAVAILABLE"].map(
        (text) =>
          [
            `the status "${text}", which is no number`,
            answered(encodeHeaders([["grpc-status", text]])),
            Code.UNKNOWN,
            { kind: "badStatus", text },
          ] as const,
      ),
      [
        "two statuses",
        answered(encodeHeaders(["14", "0"].map((text) => ["grpc-status", text]))),
        Code.UNKNOWN,
        { kind: "badStatus", text: "14, 0" },
      ],
      ["a status that gRPC does not have", answered(encodeHeaders([["grpc-status", "77"]])), 77, undefined],
      [
        "a message cut off",
        answered(OK_TRAILERS, encodeMessage(HELLO).subarray(0, 8)),
        Code.INTERNAL,
        { kind: "badFrame", what: "cutOff" },
      ],
      [
        "a message cut off, and the server's own word of why",
        answered(encodeHeaders([["grpc-status", "14"]]), encodeMessage(HELLO).subarray(0, 8)),
        Code.UNAVAILABLE,
        undefined,
      ],
      [
        "a content-type with a space before its parameter",
        answered(
          OK_TRAILERS,
          undefined,
          encodeHeaders([
            [":status", "200"],
            ["content-type", "application/grpc ; charset=utf-8"],
          ]),
        ),
        Code.OK,
        undefined,
      ],
      ["no message", answered(OK_TRAILERS, Buffer.alloc(0)), Code.INTERNAL, { kind: "messageCount", messages: "none" }],
      [
        "two messages",
        answered(OK_TRAILERS, Buffer.concat([encodeMessage(HELLO), encodeMessage(HELLO)])),
        Code.INTERNAL,
        { kind: "messageCount", messages: "several" },
      ],
      [
        "flags that are none",
        answered(OK_TRAILERS, encodeMessage(HELLO, 2)),
        Code.INTERNAL,
        { kind: "badFrame", what: "flags" },
      ],
      [
        "compressed without encoding",
        answered(OK_TRAILERS, encodeMessage(HELLO, 1)),
        Code.INTERNAL,
        { kind: "badFrame", what: "compressedWithoutEncoding" },
      ],
      [
        "an encoding nobody asked for",
        answered(OK_TRAILERS, encodeMessage(HELLO, 1), head(["grpc-encoding", "snappy"])),
        Code.INTERNAL,
        { kind: "unknownEncoding", encoding: "snappy" },
      ],
      [
        "gzip that is none",
        answered(OK_TRAILERS, encodeMessage(HELLO, 1), head(["grpc-encoding", "gzip"])),
        Code.INTERNAL,
        { kind: "badFrame", what: "undecodable" },
      ],
    ];
    for (const [name, promise, code, fault] of cases) {
      const result = (await promise) as Awaited<ReturnType<typeof callOnce>>;
      assert.equal(result.code, code, name);
      assert.deepEqual(result.fault, fault, name);
    }
  });

  it("takes a status of HTTP for one of gRPC as the protocol maps it", async () => {
    const statuses = { 400: 13, 401: 16, 403: 7, 404: 12, 418: 2, 429: 14, 500: 2, 502: 14, 503: 14, 504: 14, 200: 2 };
    for (const [status, code] of Object.entries(statuses)) {
      const result = await callOnce(
        onRequest((stream, connection) => {
          const block = encodeHeaders([
            [":status", status],
            ["content-type", "text/html"],
          ]);
          connection.send(FrameType.HEADERS, END_HEADERS, stream, block);
          connection.send(FrameType.DATA, END_STREAM, stream, Buffer.from("<html>"));
        }),
      );
      assert.equal(result.code, code, status);
      assert.deepEqual(result.fault, { kind: "badReply", httpStatus: Number(status), contentType: "text/html" });
    }
  });
});

describe("a header list beyond the limit", () => {
  it("ends its own call alone, as what it is, however often it comes and of how many headers", async () => {
    for (const [count, bytes] of [
      [70, 1000],
      [1, 65_500],
      [3000, 1],
    ] as const) {
      const block = encodeHeaders([
        [":status", "200"],
        ["content-type", "application/grpc"],
        ["grpc-status", "2"],
        ...Array.from({ length: count }, (_, nth) => [`x-${nth}`, "v".repeat(bytes)] as const),
      ]);
      await using peer = await startFramePeer(
        onRequest((stream, connection, nth) => {
          if (nth % 2 === 0) connection.answer(stream, HELLO);
          else sendHeaders(connection, stream, block);
        }),
      );
      using channel = channelTo(peer.address);
      const ask = () => channel.unary(PATH, HELLO, { timeoutMs: TIMEOUT_MS });
      const results = [await ask(), await ask(), await ask(), ...(await Promise.all([ask(), ask(), ask()]))];
      const kinds = results.map(({ code, fault }) => (code === Code.OK ? "OK" : `${code} ${fault?.kind}`));
      const tooLarge = `${Code.INTERNAL} headersTooLarge`;
      assert.deepEqual(
        kinds.toSorted(),
        ["OK", "OK", "OK", tooLarge, tooLarge, tooLarge].toSorted(),
        `${count} headers`,
      );
    }
  });
});

function sendHeaders(connection: FrameConnection, stream: number, block: Buffer): void {
  for (let at = 0; at < block.length; at += 16_384) {
    const flags = (at + 16_384 >= block.length ? END_HEADERS : 0) | (at === 0 ? END_STREAM : 0);
    connection.send(
      at === 0 ? FrameType.HEADERS : FrameType.CONTINUATION,
      flags,
      stream,
      block.subarray(at, at + 16_384),
    );
  }
}

describe("a header list beyond all limits", () => {
  const big = "\\".repeat(70_000);

  /** Answers `/big` with such trailers once three calls are there; the others not at all. */
  function startPeer() {
    const open: { readonly stream: number; readonly connection: FrameConnection; readonly isBig: boolean }[] = [];
    const paths = new Map<FrameConnection, Map<number, boolean>>();
    return startFramePeer((frame, connection) => {
      const own = paths.get(connection) ?? new Map<number, boolean>();
      paths.set(connection, own);
      if (frame.type === FrameType.DATA && frame.payload.includes("big")) own.set(frame.stream, true);
      if (frame.type !== FrameType.DATA || (frame.flags & END_STREAM) === 0) return;
      open.push({ stream: frame.stream, connection, isBig: own.get(frame.stream) === true });
      if (open.length < 4) return;
      for (const { stream, connection: on, isBig } of open) {
        if (!isBig) continue;
        const block = encodeHeaders([
          ["grpc-status", "13"],
          ["grpc-message", big],
        ]);
        on.send(FrameType.HEADERS, END_HEADERS, stream, REPLY_HEADERS);
        sendHeaders(on, stream, block);
      }
    });
  }

  for (const position of [0, 1, 2, 3]) {
    it(`fails its own call for good, and others on the connection for now (call ${position + 1} of 4)`, async () => {
      await using peer = await startPeer();
      const clock = createSteppingClock();
      using channel = channelTo(peer.address, { clock });
      const calls = [0, 1, 2, 3].map((nth) =>
        channel.unary(PATH, Buffer.from(nth === position ? "big" : "small"), { timeoutMs: TIMEOUT_MS }),
      );
      await calls[position];
      clock.advance(TIMEOUT_MS);
      const results = await Promise.all(calls);
      for (const [nth, result] of results.entries()) {
        if (nth === position) assert.equal(result.code, Code.INTERNAL, JSON.stringify(result.fault));
        // Those on the other connection are not even touched.
        else assert.ok([Code.UNAVAILABLE, Code.DEADLINE_EXCEEDED].includes(result.code as 14), JSON.stringify(result));
      }
      const kinds = results.map(({ fault }) => fault?.kind);
      assert.ok(["headersTooLarge", "broken"].includes(kinds[position] ?? ""), kinds.join());
    });
  }
});

describe("pings of a server that measures the round trip", () => {
  /** Answers calls, and sends so many pings for each DATA frame; calls go one after the other, in no time at all. */
  async function callPinging(pingsPerFrame: number, calls: number, request: Buffer) {
    let frames = 0;
    await using peer = await startFramePeer(
      ({ type, flags, stream, payload }, connection) => {
        if (type !== FrameType.DATA) return;
        frames += 1;
        for (let ping = 0; ping < pingsPerFrame; ping += 1) connection.send(FrameType.PING, 0, 0, Buffer.alloc(8));
        if (payload.length > 0) connection.send(FrameType.WINDOW_UPDATE, 0, 0, encodeCode(payload.length));
        if ((flags & END_STREAM) !== 0) connection.answer(stream, HELLO);
      },
      { settings: [[INITIAL_WINDOW_SIZE, 0x7fff_ffff]] },
    );
    using channel = channelTo(peer.address, { clock: createSteppingClock() });
    for (let nth = 0; nth < calls; nth += 1) {
      const { code, fault } = await channel.unary(PATH, request);
      if (code !== Code.OK) return { fault, nth, frames };
    }
    return { fault: undefined, nth: calls, frames };
  }
  const INITIAL_WINDOW_SIZE = 4;

  it("are no flood, as many as there are calls, or parts of a large request", async () => {
    const small = await callPinging(1, 1200, HELLO);
    assert.deepEqual([small.fault, small.nth], [undefined, 1200]);
    const large = await callPinging(1, 1, Buffer.alloc(24 << 20));
    assert.equal(large.fault, undefined);
    assert.ok(large.frames > 1200, String(large.frames));
  });

  it("are one where they are many more than that", async () => {
    const small = await callPinging(20, 1200, HELLO);
    assert.deepEqual(small.fault, { kind: "broken", what: "flood" });
    assert.ok(small.nth < 100, String(small.nth));
    const large = await callPinging(20, 1, Buffer.alloc(24 << 20));
    assert.deepEqual(large.fault, { kind: "broken", what: "flood" });
  });
});

describe("a flood", () => {
  const FLOODS: Record<string, Say> = {
    PING: (connection) => connection.send(FrameType.PING, 0, 0, Buffer.alloc(8)),
    SETTINGS: (connection) => connection.send(FrameType.SETTINGS, 0, 0, Buffer.from([0, 4, 0, 1, 0, 0])),
    "empty DATA": (connection, stream) => connection.send(FrameType.DATA, 0, stream),
    CONTINUATION: (connection, stream) =>
      connection.send(FrameType.CONTINUATION, 0, stream, encodeHeaders([["x", "y"]])),
  };
  const cases = Object.entries(FLOODS).flatMap(([name, flood]) =>
    [100, 3000].map((atOnce) => ({ name, flood, atOnce })),
  );
  for (const { name, flood, atOnce } of cases) {
    it(`of ${name}, ${atOnce} at once, ends the connection and with it the call`, async () => {
      const ended = Promise.withResolvers<void>();
      const result = await callOnce(
        onRequest((stream, connection) => {
          connection.socket.on("close", () => ended.resolve());
          const begin = name === "CONTINUATION" ? 0 : END_HEADERS;
          if (name === "CONTINUATION" || name === "empty DATA") {
            connection.send(FrameType.HEADERS, begin, stream, REPLY_HEADERS);
          }
          const pour = (): void => {
            connection.socket.cork();
            for (let nth = 0; nth < atOnce; nth += 1) flood(connection, stream);
            connection.socket.uncork();
            if (!connection.socket.destroyed) setImmediate(pour);
          };
          pour();
        }),
      );
      await ended.promise;
      if (name === "CONTINUATION") {
        assert.ok(result.code === Code.UNAVAILABLE || result.code === Code.INTERNAL, JSON.stringify(result));
        assert.equal(result.fault?.kind, "broken");
      } else {
        assert.deepEqual([result.code, result.fault], [Code.UNAVAILABLE, { kind: "broken", what: "flood" }]);
      }
    });
  }
});
