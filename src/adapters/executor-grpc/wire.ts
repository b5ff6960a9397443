// Reading protobuf bytes field by field.
//
// By hand, on the reader that @bufbuild/protobuf exports: its generated messages
// and their descriptors cost 12 ms of a cold start, and a client needs four flat
// messages (docs/adr, "gRPC client from parts"). Tests hold every codec here
// against the generated ones.
import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";

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
 * @throws Error on bytes that are no protobuf message
 */
export function readFields(message: Uint8Array, fields: FieldReaders): void {
  const reader = new BinaryReader(message);
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag();
    const field = fields[number];
    if (field?.wireType === wireType) field.read(reader);
    else reader.skip(wireType, number);
  }
}

/** A message of text fields alone. Empty ones are left out, as in every proto3 encoding, unless `keepEmpty`. */
export function writeTexts(fields: { readonly [fieldNumber: number]: string }, keepEmpty = false): Buffer {
  const writer = new BinaryWriter();
  for (const [number, value] of Object.entries(fields)) {
    if (value !== "" || keepEmpty) writer.tag(Number(number), WireType.LengthDelimited).string(value);
  }
  const { buffer, byteOffset, length } = writer.finish();
  return Buffer.from(buffer, byteOffset, length);
}
