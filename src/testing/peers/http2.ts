// Peers that speak HTTP/2 and break the rules of gRPC, or leave in the middle of a call.
import { createServer, type ServerHttp2Session, type ServerHttp2Stream } from "node:http2";
import { encodeMessage } from "./frames.ts";
import { listenAsPeer, type PeerOptions, type RunningPeer } from "./peer.ts";

const GRPC_HEADERS = { ":status": 200, "content-type": "application/grpc" };

/** @param onCall gets each call once its request has arrived whole, with the keys and values of its headers in turns */
export function startHttp2Peer(
  onCall: (stream: ServerHttp2Stream, session: ServerHttp2Session, headers: readonly string[]) => void,
  options?: PeerOptions,
): Promise<RunningPeer> {
  const server = createServer();
  server.on("session", (session) => session.on("error", () => undefined));
  server.on("stream", (stream, _headers, _flags, headers) => {
    stream.on("error", () => undefined);
    stream.resume();
    stream.on("end", () => {
      if (stream.session !== undefined) onCall(stream, stream.session as ServerHttp2Session, headers);
    });
  });
  return listenAsPeer(server as unknown as Parameters<typeof listenAsPeer>[0], options);
}

/** Takes every call and never answers. `cancelled` resolves when a caller has given one up. */
export async function startNeverAnsweringPeer(
  options?: PeerOptions,
): Promise<RunningPeer & { readonly called: Promise<void>; readonly cancelled: Promise<number> }> {
  const called = Promise.withResolvers<void>();
  const cancelled = Promise.withResolvers<number>();
  const peer = await startHttp2Peer((stream) => {
    called.resolve();
    stream.on("close", () => cancelled.resolve(stream.rstCode));
  }, options);
  return { ...peer, called: called.promise, cancelled: cancelled.promise };
}

/** Destroys the connection (a TCP reset) once it has the call. */
export function startResettingPeer(options?: PeerOptions): Promise<RunningPeer> {
  return startHttp2Peer((_stream, session) => session.socket.resetAndDestroy(), options);
}

/**
 * Ends each call with a reset of its HTTP/2 stream.
 * @param code e.g. `constants.NGHTTP2_REFUSED_STREAM`
 */
export async function startStreamResettingPeer(
  code: number,
  options?: PeerOptions,
): Promise<RunningPeer & { readonly calls: () => number }> {
  let calls = 0;
  const peer = await startHttp2Peer((stream) => {
    calls += 1;
    stream.close(code);
  }, options);
  return { ...peer, calls: () => calls };
}

/** Says GOAWAY to each call, that it was not looked at, and hangs up. */
export function startGoawayPeer(options?: PeerOptions): Promise<RunningPeer> {
  return startHttp2Peer((_stream, session) => {
    session.goaway(0, 0);
    session.close();
    setImmediate(() => session.destroy());
  }, options);
}

/**
 * Answers with these messages and trailers, whatever was asked.
 * @param messages protobuf bytes, each framed as one gRPC message
 */
export function startAnsweringPeer(
  answer: {
    readonly messages?: readonly Uint8Array[];
    /** Whether the messages are compressed, as a header `grpc-encoding` says. */
    readonly compressed?: boolean;
    readonly trailers?: Readonly<Record<string, string>>;
    readonly headers?: Readonly<Record<string, string | number>>;
  },
  options?: PeerOptions,
): Promise<RunningPeer> {
  return startHttp2Peer((stream) => {
    stream.respond({ ...GRPC_HEADERS, ...answer.headers }, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers(answer.trailers ?? { "grpc-status": "0" }));
    for (const message of answer.messages ?? [])
      stream.write(encodeMessage(message, answer.compressed === true ? 1 : 0));
    stream.end();
  }, options);
}

/** A web server that speaks HTTP/2 and knows none of our paths. */
export function startHttp2WebPeer(options?: PeerOptions): Promise<RunningPeer> {
  const server = createServer((_request, response) => {
    response.writeHead(404, { "content-type": "text/html" });
    response.end("<html>not found</html>");
  });
  return listenAsPeer(server as unknown as Parameters<typeof listenAsPeer>[0], options);
}
