// The few messages of grpc.testing (src/proto/grpc/testing/messages.proto of gRPC), read and written by hand.

const NONE = Buffer.alloc(0);

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Buffer.from([...bytes, rest]);
}

function bytesField(number: number, value: Uint8Array): Buffer {
  return Buffer.concat([varint(number * 8 + 2), varint(value.length), value]);
}

function intField(number: number, value: number): Buffer {
  return Buffer.concat([varint(number * 8), varint(value)]);
}

/** A Payload of so many zeros. */
function payloadField(number: number, size: number): Buffer {
  return bytesField(number, bytesField(2, Buffer.alloc(size)));
}

export interface Status {
  readonly code: number;
  readonly message: string;
}

const statusField = (status: Status | undefined): Buffer =>
  status === undefined
    ? NONE
    : bytesField(7, Buffer.concat([intField(1, status.code), bytesField(2, Buffer.from(status.message))]));
const boolValue = (number: number, value: boolean | undefined): Buffer =>
  value === undefined ? NONE : bytesField(number, value ? intField(1, 1) : NONE);

/** What is asked of UnaryCall: an answer of so many zeros, compressed or not, or a status. */
export interface SimpleRequest {
  readonly responseSize?: number;
  /** Bytes of its own payload. */
  readonly payload?: number;
  readonly responseCompressed?: boolean;
  readonly responseStatus?: Status;
}

export function encodeSimpleRequest(request: SimpleRequest): Buffer {
  return Buffer.concat([
    intField(2, request.responseSize ?? 0),
    payloadField(3, request.payload ?? 0),
    boolValue(6, request.responseCompressed),
    statusField(request.responseStatus),
  ]);
}

/** What is asked of StreamingOutputCall and FullDuplexCall: an answer for each size. */
export interface StreamingRequest {
  readonly responses?: readonly { readonly size: number; readonly compressed?: boolean }[];
  readonly payload?: number;
  readonly responseStatus?: Status;
}

export function encodeStreamingRequest(request: StreamingRequest): Buffer {
  const responses = (request.responses ?? []).map(({ size, compressed }) =>
    bytesField(2, Buffer.concat([intField(1, size), boolValue(3, compressed)])),
  );
  return Buffer.concat([...responses, payloadField(3, request.payload ?? 0), statusField(request.responseStatus)]);
}

/** One message of StreamingInputCall. */
export function encodeInput(payload: number): Buffer {
  return payloadField(1, payload);
}

/** A SimpleResponse or StreamingOutputCallResponse: both have nothing but a payload. */
export function encodeResponse(size: number): Buffer {
  return payloadField(1, size);
}

export function encodeAggregate(size: number): Buffer {
  return intField(1, size);
}

/** Bytes of the payload of such a response. */
export function readResponse(message: Uint8Array | undefined): number | undefined {
  return message === undefined ? undefined : readPayload(message, 1);
}

export function readAggregate(message: Uint8Array | undefined): number | undefined {
  return message === undefined ? undefined : readInt(message, 1);
}

export function readInput(message: Uint8Array): number {
  return readPayload(message, 1);
}

/** Of a SimpleRequest or a StreamingOutputCallRequest: both keep it in the same place. */
export function readStatus(message: Uint8Array): Status | undefined {
  const status = readBytes(message, 7);
  const code = readInt(status, 1);
  return code === 0 ? undefined : { code, message: Buffer.from(readBytes(status, 2)).toString() };
}

/** Of a SimpleRequest. */
export function readResponseSize(message: Uint8Array): number {
  return readInt(message, 2);
}

/** Of a StreamingOutputCallRequest. */
export function readResponseSizes(message: Uint8Array): number[] {
  const found = readFields(message).filter(({ number }) => number === 2);
  return found.map(({ value }) => (typeof value === "number" ? 0 : readInt(value, 1)));
}

interface Field {
  readonly number: number;
  readonly value: number | Uint8Array;
}

/** Varints and what has a length: grpc.testing has no other fields that are used here. */
function readFields(message: Uint8Array): Field[] {
  const fields: Field[] = [];
  let at = 0;
  const read = (): number => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = message[at] ?? 0;
      at += 1;
      value += (byte & 0x7f) * factor;
      if (byte < 128) return value;
    }
  };
  while (at < message.length) {
    const tag = read();
    const value = read();
    const number = tag >>> 3;
    if ((tag & 7) === 2) {
      fields.push({ number, value: message.subarray(at, at + value) });
      at += value;
    } else {
      fields.push({ number, value });
    }
  }
  return fields;
}

/** The last one counts, as protobuf has it. */
function readInt(message: Uint8Array, number: number): number {
  const value = readFields(message).findLast((field) => field.number === number)?.value;
  return typeof value === "number" ? value : 0;
}

function readBytes(message: Uint8Array, number: number): Uint8Array {
  const value = readFields(message).findLast((field) => field.number === number)?.value;
  return value === undefined || typeof value === "number" ? NONE : value;
}

function readPayload(message: Uint8Array, number: number): number {
  return readBytes(readBytes(message, number), 2).length;
}
