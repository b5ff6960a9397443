// Reading protobuf bytes field by field, and writing texts.
//
// By hand, on the reader that @bufbuild/protobuf exports: its generated messages
// and their descriptors cost 12 ms of a cold start, and a client needs four flat
// messages (docs/adr, "A gRPC client of our own"). Tests hold every codec here
// against the generated ones.
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";

export type FieldReaders = { readonly [fieldNumber: number]: FieldReader };

interface FieldReader {
  readonly wireType: WireType;
  readonly read: (reader: BinaryReader) => void;
}

export const text = (set: (value: string) => void): FieldReader => ({
  wireType: WireType.LengthDelimited,
  read: (reader) => set(reader.string()),
});

export const bytes = (set: (value: Uint8Array) => void): FieldReader => ({
  wireType: WireType.LengthDelimited,
  read: (reader) => set(reader.bytes()),
});

export const bool = (set: (value: boolean) => void): FieldReader => ({
  wireType: WireType.Varint,
  read: (reader) => set(reader.bool()),
});

/** int32 and enum. */
export const int32 = (set: (value: number) => void): FieldReader => ({
  wireType: WireType.Varint,
  read: (reader) => set(reader.int32()),
});

/** int64, as a number: exact up to 2^53, which is all that durations need. */
export const int64 = (set: (value: number) => void): FieldReader => ({
  wireType: WireType.Varint,
  read: (reader) => set(Number(reader.int64())),
});

/**
 * Reads the fields that are named; others, and those of another wire type, are
 * skipped, as the protobuf specification asks. Of a field that comes twice the last one counts.
 *
 * @param onOtherType is told of fields that are named and of another wire type
 * @throws Error on bytes that are no protobuf message
 */
export function readFields(
  message: Uint8Array,
  fields: FieldReaders,
  onOtherType?: (fieldNumber: number, wireType: WireType) => void,
): void {
  const reader = new BinaryReader(message, decodeUtf8);
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag();
    const field = fields[number];
    if (field?.wireType === wireType) {
      field.read(reader);
    } else {
      reader.skip(wireType, number);
      if (field !== undefined) onOtherType?.(number, wireType);
    }
  }
}

/** For short texts half as dear as the TextDecoder that a reader has of its own. */
function decodeUtf8(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString();
}

/** A message of text fields alone. Empty ones are left out, as in every proto3 encoding. */
export function writeTexts(...fields: readonly (readonly [fieldNumber: number, value: string])[]): Buffer {
  let size = 0;
  for (const [number, value] of fields) {
    if (value === "") continue;
    const length = Buffer.byteLength(value);
    size += varintSize(tagOf(number)) + varintSize(length) + length;
  }
  const message = Buffer.allocUnsafe(size);
  let at = 0;
  for (const [number, value] of fields) {
    if (value === "") continue;
    at = writeVarint(message, Buffer.byteLength(value), writeVarint(message, tagOf(number), at));
    at += message.write(value, at);
  }
  return message;
}

function tagOf(fieldNumber: number): number {
  return (fieldNumber << 3) | WireType.LengthDelimited;
}

/** @param value 0 to 2^31 - 1 */
function varintSize(value: number): number {
  return value < 0x80 ? 1 : 1 + varintSize(value >>> 7);
}

/** @returns where the next byte goes */
function writeVarint(message: Buffer, value: number, at: number): number {
  if (value < 0x80) return message.writeUInt8(value, at);
  return writeVarint(message, value >>> 7, message.writeUInt8((value & 0x7f) | 0x80, at));
}
