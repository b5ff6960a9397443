// One stream of HTTP/2 that carries a call: what comes in is read as gRPC, up to the one status in which it ends.
import type {
  ClientHttp2Session,
  ClientHttp2Stream,
  IncomingHttpHeaders,
  IncomingHttpStatusHeader,
  OutgoingHttpHeaders,
} from "node:http2";
import type { Fault, Progress } from "./fault.ts";
import { createDeframer } from "./framing.ts";
import { inflate } from "./gzip.ts";
import { type ReceivedMetadata, readText } from "./metadata.ts";
import { decodeHeader, decodePercent } from "./percent.ts";
import { Code, codeOfHttpStatus, codeOfReset, Http2Code } from "./status.ts";

/** How a call, or one try of it on a connection, has ended. */
export interface End {
  readonly code: number;
  /** `grpc-message`; empty where the status was made on this side. */
  readonly message: string;
  /** Headers of the reply, if any came. */
  readonly metadata: ReceivedMetadata;
  readonly trailers: ReceivedMetadata;
  /** Why, where it was not the server that said so. */
  readonly fault?: Fault;
  /** Whether the server has certainly not processed it, so that it may be sent again unseen (gRFC A6). */
  readonly unprocessed?: boolean;
}

export const NO_METADATA: ReceivedMetadata = {};

export function endOfFault(code: number, fault: Fault): End {
  return { code, message: "", metadata: NO_METADATA, trailers: NO_METADATA, fault };
}

/** What an exchange tells its call. */
export interface Sink {
  /** In order, none after `onEnd`. */
  onMessage(message: Buffer): void;
  /** Once. */
  onEnd(end: End): void;
}

export interface Exchange {
  /** @param framed a message in its frame */
  write(framed: Buffer, done: (failed: boolean) => void): void;
  /** No more requests. */
  finishWriting(): void;
  /** Whether more of the reply is read. */
  setReading(reading: boolean): void;
  /** How far the reply has come. */
  progress(): Progress;
  /** Ends it with a status of ours; the server hears of it. */
  end(end: End): void;
  /** Calls back when it counts no more, which may be a moment after its end. */
  whenClosed(callback: () => void): void;
}

export interface Goaway {
  readonly code: number;
  /** The last stream that the server looked at. */
  readonly lastId: number;
  readonly debug: string;
}

/** What an exchange needs of its connection. */
export interface Link {
  readonly session: ClientHttp2Session;
  /** The GOAWAY that came, if one did. */
  goaway(): Goaway | undefined;
  /** Whether the transport below is gone, so that its end is the reason for the end of a stream. */
  isLost(): boolean;
  /** Calls back with how a call on stream `id` ends, once it is known why the connection was lost. */
  whenLost(id: number | undefined, settle: (end: End) => void): void;
  /** A message goes out. */
  onMessage(): void;
  /** A stream has ended before its trailers came. */
  onCutOff(stream: ClientHttp2Stream): void;
  /** The call has ended; its stream may be open a moment longer. */
  endCall(): void;
  /** The stream counts no more. */
  release(): void;
}

/** What a header list may be altogether, each way. */
export const MAX_HEADER_BYTES = 65_536;
const END_STREAM = 1;
const OPEN = { endStream: false };

/**
 * @returns undefined where the session does not take a stream any more
 * @param body the only message, framed; undefined where messages are written one by one
 */
export function startExchange(
  link: Link,
  headers: OutgoingHttpHeaders,
  body: Buffer | undefined,
  maxMessageBytes: number,
  sink: Sink,
): Exchange | undefined {
  let stream: ClientHttp2Stream;
  try {
    stream = link.session.request(headers, OPEN);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_HTTP2_HEADER_SINGLE_VALUE") return undefined;
    return startExchange(link, joinValues(headers), body, maxMessageBytes, sink);
  }
  let metadata: ReceivedMetadata = NO_METADATA;
  let encoding: string | undefined;
  let trailers: IncomingHttpHeaders | undefined;
  let ended = false;
  /** What Node gave before the headers that came with it, which it tells a tick later; undefined when they are here. */
  let early: Buffer[] | undefined = [];

  const end = (how: End): void => {
    if (ended) return;
    ended = true;
    forget();
    if (trailers === undefined) link.onCutOff(stream);
    const isOver = stream.closed || stream.destroyed || (trailers !== undefined && stream.writableFinished);
    if (isOver) {
      link.release();
    } else {
      // The server counts it until it hears of the reset, which Node may send after frames of other streams.
      stream.once("close", link.release);
      stream.close(Http2Code.CANCEL);
    }
    link.endCall();
    sink.onEnd(how);
  };
  const fail = (code: number, fault: Fault): void => end({ ...endOfFault(code, fault), metadata });
  const failMessage = (fault: Fault): void =>
    fail(fault.kind === "messageTooLarge" ? Code.RESOURCE_EXHAUSTED : Code.INTERNAL, fault);

  let hasMessage = false;
  const deframer = createDeframer(maxMessageBytes, (message, compressed) => {
    hasMessage = true;
    if (!compressed) {
      sink.onMessage(message);
      return undefined;
    }
    const plain = inflate(message, encoding, maxMessageBytes);
    if (!plain.ok) return plain.error;
    sink.onMessage(plain.value);
    return undefined;
  });

  const take = (chunk: Buffer): void => {
    if (ended) return;
    if (early !== undefined) {
      early.push(chunk);
      return;
    }
    const fault = deframer.push(chunk);
    if (fault !== undefined) failMessage(fault);
  };

  const finish = (last: ReceivedMetadata): void => {
    const text = readText(last, "grpc-status");
    const code = text === undefined ? undefined : codeOfText(text);
    // A server that fails amid a message says why in its status.
    if (deframer.isAmidMessage() && (code ?? Code.OK) === Code.OK) {
      return failMessage({ kind: "badFrame", what: "cutOff" });
    }
    if (code === undefined) {
      const fault: Fault = text === undefined ? { kind: "noStatus" } : { kind: "badStatus", text: decodeHeader(text) };
      return end({ ...endOfFault(Code.UNKNOWN, fault), metadata, trailers: last });
    }
    const message = last["grpc-message"];
    end({ code, message: typeof message === "string" ? decodePercent(message) : "", metadata, trailers: last });
  };

  const heard: Heard = {
    onResponse(received, flags, raw) {
      if (isTooLarge(raw)) return failTooLarge();
      const isLast = (flags & END_STREAM) !== 0;
      const httpStatus = received[":status"] ?? 0;
      const contentType = received["content-type"] ?? "";
      const isGrpc = httpStatus === 200 && GRPC_CONTENT.test(contentType);
      // A status of gRPC counts, whatever HTTP says; and whatever text for people follows it.
      if ((isLast && received["grpc-status"] !== undefined) || (!isGrpc && saysFailure(received))) {
        if (isLast) trailers = received;
        return finish(received);
      }
      metadata = received;
      if (!isGrpc) {
        return fail(codeOfHttpStatus(httpStatus), {
          kind: "badReply",
          httpStatus,
          contentType: decodeHeader(contentType),
        });
      }
      const named = received["grpc-encoding"];
      encoding = typeof named === "string" ? named : undefined;
      const chunks = early ?? [];
      early = undefined;
      for (const chunk of chunks) take(chunk);
    },
    onData: take,
    onTrailers(received, raw) {
      if (isTooLarge(raw)) return failTooLarge();
      trailers = received;
      // Otherwise when the data before them have been read.
      if (stream.readableLength === 0) finish(received);
    },
    onDataEnd() {
      if (trailers !== undefined) return finish(trailers);
      // Trailers that came with the end are told a tick later. Without any it is over as well, though a request that
      // the server does not take to its end would keep the stream open.
      process.nextTick(() => !ended && trailers === undefined && !stream.destroyed && endWithoutTrailers());
    },
    onClose() {
      if (trailers !== undefined) finish(trailers);
      else endWithoutTrailers();
    },
  };
  const forget = listen(stream, heard);

  /** The server says that it has not looked at it, which is true only where nothing of an answer has come. */
  const refuse = (fault: Fault): void => {
    const isUnseen = metadata === NO_METADATA && early?.length === 0;
    end({ ...endOfFault(Code.UNAVAILABLE, fault), metadata, ...(isUnseen ? { unprocessed: true } : {}) });
  };

  const endWithoutTrailers = (): void => {
    const { id, rstCode } = stream;
    const goaway = link.goaway();
    if (goaway !== undefined && (id === undefined || id > goaway.lastId)) {
      return refuse({ kind: "goaway", httpCode: goaway.code, debug: goaway.debug });
    }
    if (link.isLost()) return link.whenLost(id, (how) => end({ ...how, metadata }));
    // Servers on top of a web framework may end a failure, said in the headers, with an empty DATA frame.
    if (rstCode === Http2Code.NO_ERROR && saysFailure(metadata)) return finish(metadata);
    if (rstCode === Http2Code.NO_ERROR) return fail(Code.INTERNAL, { kind: "noStatus" });
    if (rstCode === Http2Code.REFUSED_STREAM) return refuse({ kind: "reset", httpCode: rstCode });
    fail(codeOfReset(rstCode), { kind: "reset", httpCode: rstCode });
  };

  const failTooLarge = (): void => fail(Code.INTERNAL, { kind: "headersTooLarge", limit: MAX_HEADER_BYTES });

  if (body !== undefined) {
    link.onMessage();
    stream.end(body);
  }
  return {
    write: (framed, done) => {
      link.onMessage();
      stream.write(framed, (error) => done(error !== null && error !== undefined));
    },
    finishWriting: () => stream.end(),
    setReading(reading) {
      if (reading) stream.resume();
      else stream.pause();
    },
    // No getter: V8 makes each object that has one a shape of its own, and that keeps what the getter leads to.
    progress() {
      if (metadata === NO_METADATA) return "nothing";
      if (deframer.isAmidMessage()) return "part";
      return hasMessage ? "message" : "headers";
    },
    end,
    whenClosed(callback) {
      if (stream.destroyed) callback();
      else stream.once("close", callback);
    },
  };
}

/** What Node tells of a stream. */
interface Heard {
  onResponse(received: IncomingHttpHeaders & IncomingHttpStatusHeader, flags: number, raw: readonly string[]): void;
  onData(chunk: Buffer): void;
  onTrailers(received: IncomingHttpHeaders, raw: readonly string[]): void;
  /** No more data. */
  onDataEnd(): void;
  onClose(): void;
}

/**
 * Node keeps a stream, with all that its listeners lead to, until a full collection of garbage. So they lead nowhere
 * once the call has ended: what a call has made is then gone with the next small one, which otherwise would copy it.
 *
 * @returns ends the listening
 */
function listen(stream: ClientHttp2Stream, heard: Heard): () => void {
  let listener: Heard | undefined = heard;
  stream.on("response", (received, flags, raw) => listener?.onResponse(received, flags, raw));
  stream.on("data", (chunk: Buffer) => listener?.onData(chunk));
  stream.on("trailers", (received, _flags, raw) => listener?.onTrailers(received, raw));
  stream.on("end", () => listener?.onDataEnd());
  stream.on("close", () => listener?.onClose());
  // What kind of end it was is read from codes when it has closed; without a listener it would be thrown.
  stream.on("error", ignore);
  return () => {
    listener = undefined;
  };
}

const GRPC_CONTENT = /^application\/grpc\s*(?:[+;]|$)/i;

/** @returns undefined for what is no number */
function codeOfText(text: string): number | undefined {
  return /^\d{1,10}$/.test(text) ? Number(text) : undefined;
}

/** A status before its time: OK means nothing yet, any other that nothing else will come. */
/** Node does not send a key twice that HTTP knows with one value (authorization); to gRPC a comma between them is the same. */
function joinValues(headers: OutgoingHttpHeaders): OutgoingHttpHeaders {
  const joined = Object.entries(headers).map(([key, value]) => [key, Array.isArray(value) ? value.join(", ") : value]);
  return Object.fromEntries(joined);
}

function saysFailure(headers: ReceivedMetadata): boolean {
  return (codeOfText(readText(headers, "grpc-status") ?? "") ?? Code.OK) !== Code.OK;
}

/** Names and values in turn, counted as HTTP/2 does (RFC 9113, 6.5.2). A limit that was announced binds Node only once the server has agreed. */
function isTooLarge(raw: readonly string[]): boolean {
  let bytes = 16 * raw.length;
  for (const text of raw) bytes += text.length;
  return bytes > MAX_HEADER_BYTES;
}

function ignore(): void {}
