import { fromBinary } from "@bufbuild/protobuf";
import { ExecuteRequestSchema } from "../../src/gen/energy_pipeline_pb.ts";
import type { SystemCall } from "./strace.ts";

/** One stream that the process opened at the service: a call, or a question of preflight. */
export interface Sent {
  /** Where in the trace its first byte left. */
  readonly place: number;
  /** `input_file` of the request, if it is one of Execute. */
  readonly inputFile: string | undefined;
}

const PREFACE_BYTES = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".length;
const FRAME_HEADER_BYTES = 9;
const DATA = 0;
const HEADERS = 1;
const PADDED = 0x8;
/** Before each message of gRPC: one byte for the compression, four for the length. */
const MESSAGE_HEADER_BYTES = 5;

/**
 * Every stream that was opened towards a port, read off the bytes that were
 * written to its sockets (RFC 9113), in the order of leaving.
 */
export function findSends(calls: readonly SystemCall[], port: number): readonly Sent[] {
  const connections = Map.groupBy(
    calls.filter((call) => call.target.startsWith("TCP") && call.target.endsWith(`:${port}]`)),
    (call) => `${call.fd} ${call.target}`,
  );
  return [...connections.values()].flatMap(readConnection).sort((a, b) => a.place - b.place);
}

function readConnection(calls: readonly SystemCall[]): readonly Sent[] {
  const bytes = Buffer.concat(calls.map((call) => call.data));
  const ends: number[] = [];
  for (const call of calls) ends.push((ends.at(-1) ?? 0) + call.data.length);
  const placeOf = (at: number): number => calls[ends.findIndex((end) => at < end)]?.began ?? Number.NaN;

  const streams = new Map<number, { readonly place: number; readonly body: Buffer[] }>();
  let at = PREFACE_BYTES;
  while (at + FRAME_HEADER_BYTES <= bytes.length) {
    const length = bytes.readUIntBE(at, 3);
    const type = bytes.readUInt8(at + 3);
    const flags = bytes.readUInt8(at + 4);
    const stream = bytes.readUInt32BE(at + 5) & 0x7fffffff;
    const payload = bytes.subarray(at + FRAME_HEADER_BYTES, at + FRAME_HEADER_BYTES + length);
    if (type === HEADERS && !streams.has(stream)) streams.set(stream, { place: placeOf(at), body: [] });
    if (type === DATA) {
      if ((flags & PADDED) !== 0) throw new Error("a padded frame, which this does not read");
      // A frame of data is a send as well, and comes after its headers.
      streams.get(stream)?.body.push(payload);
    }
    at += FRAME_HEADER_BYTES + length;
  }
  return [...streams.values()].map(({ place, body }) => ({ place, inputFile: inputFileOf(Buffer.concat(body)) }));
}

function inputFileOf(body: Buffer): string | undefined {
  if (body.length <= MESSAGE_HEADER_BYTES) return undefined;
  try {
    const message = body.subarray(MESSAGE_HEADER_BYTES, MESSAGE_HEADER_BYTES + body.readUInt32BE(1));
    const { inputFile, outputFile } = fromBinary(ExecuteRequestSchema, message);
    return inputFile !== "" && outputFile !== "" ? inputFile : undefined;
  } catch {
    return undefined;
  }
}
