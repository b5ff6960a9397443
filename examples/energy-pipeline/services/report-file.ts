// The file between analyzer and reporter: one serialized ProcessedDataReport,
// written and read a piece at a time. Pieces of a protobuf message may simply be
// appended: tag, length and bytes for each `processed`, then `skipped_rows`.
// Strings are held as latin1, one character a byte, as in csv.ts.
import { readChunks } from "./csv.ts";

/** A ProcessedEnergyReport. `status` stays empty in this pipeline. */
export interface ReportEntry {
  readonly timestamp: string;
  readonly householdId: string;
  /** A 32-bit float when read. */
  readonly power: number;
  /** A 32-bit float when read. */
  readonly efficiency: number;
  readonly anomalyDetected: boolean;
}

const WIRE_VARINT = 0;
const WIRE_64_BIT = 1;
const WIRE_BYTES = 2;
const WIRE_32_BIT = 5;
/** Tag, two strings' tags and lengths, two floats, one bool: all but the strings' bytes, and then some. */
const ENTRY_OVERHEAD_BYTES = 64;
/** An entry longer than this is not waited for, so that memory stays bounded. */
const MAX_FIELD_BYTES = 16 * 1024 * 1024;

export interface ReportEncoder {
  add(entry: ReportEntry): void;
  /** What was added since the last call; valid until the next `add`. */
  take(): Uint8Array;
}

export function createReportEncoder(): ReportEncoder {
  let buffer = Buffer.allocUnsafe(256 * 1024);
  let length = 0;
  return {
    add(entry) {
      const needed = entry.timestamp.length + entry.householdId.length + ENTRY_OVERHEAD_BYTES;
      if (buffer.length - length < needed) {
        const larger = Buffer.allocUnsafe(Math.max(buffer.length * 2, length + needed));
        buffer.copy(larger, 0, 0, length);
        buffer = larger;
      }
      const size = entrySize(entry);
      length = writeVarint(buffer, 0x0a, length);
      length = writeVarint(buffer, size, length);
      length = writeEntry(buffer, entry, length);
    },
    take() {
      const bytes = buffer.subarray(0, length);
      length = 0;
      return bytes;
    },
  };
}

/** The end of the file: how many rows were left out. */
export function encodeSkippedRows(skipped: number): Uint8Array {
  if (skipped === 0) return new Uint8Array();
  const buffer = Buffer.allocUnsafe(16);
  return buffer.subarray(0, writeVarint(buffer, skipped, writeVarint(buffer, 0x10, 0)));
}

function entrySize(entry: ReportEntry): number {
  const text = (length: number) => (length === 0 ? 0 : 1 + varintSize(length) + length);
  const float = (value: number) => (isDefault(value) ? 0 : 5);
  return (
    text(entry.timestamp.length) +
    text(entry.householdId.length) +
    float(entry.power) +
    float(entry.efficiency) +
    (entry.anomalyDetected ? 2 : 0)
  );
}

function writeEntry(buffer: Buffer, entry: ReportEntry, start: number): number {
  let at = start;
  const text = (tag: number, value: string) => {
    if (value === "") return;
    at = writeVarint(buffer, value.length, writeVarint(buffer, tag, at));
    at += buffer.write(value, at, "latin1");
  };
  const float = (tag: number, value: number) => {
    if (isDefault(value)) return;
    at = buffer.writeFloatLE(value, writeVarint(buffer, tag, at));
  };
  text(0x0a, entry.timestamp);
  text(0x12, entry.householdId);
  float(0x1d, entry.power);
  float(0x25, entry.efficiency);
  if (entry.anomalyDetected) at = writeVarint(buffer, 1, writeVarint(buffer, 0x30, at));
  return at;
}

/** proto3 leaves out zero, but not minus zero: Python looks at the bits. */
const isDefault = (value: number): boolean => Object.is(Math.fround(value), 0);

function varintSize(value: number): number {
  return value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x200000 ? 3 : value < 0x10000000 ? 4 : 5;
}

function writeVarint(buffer: Buffer, value: number, start: number): number {
  let at = start;
  let left = value;
  while (left >= 0x80) {
    buffer[at++] = (left & 0x7f) | 0x80;
    left = Math.floor(left / 128);
  }
  buffer[at++] = left;
  return at;
}

export interface ReportPart {
  readonly entries: readonly ReportEntry[];
  /** As far as the file has been read. */
  readonly skippedRows: number;
}

/**
 * The entries of a report file, many at a time, in bounded memory.
 * @throws Error where the bytes are no ProcessedDataReport
 */
export async function* readReport(path: string, signal?: AbortSignal): AsyncGenerator<ReportPart> {
  const state = { skippedRows: 0 };
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of readChunks(path, signal)) {
    const buffer = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const entries: ReportEntry[] = [];
    const used = readFields(buffer, entries, state);
    if (buffer.length - used > MAX_FIELD_BYTES) throw damaged("a field is too long");
    rest = Buffer.from(buffer.subarray(used)); // the chunk's memory is used again
    yield { entries, skippedRows: state.skippedRows };
  }
  if (rest.length > 0) throw damaged("it ends in the middle of a field");
}

function damaged(why: string): Error {
  return new Error(`Input is not a ProcessedDataReport: ${why}`);
}

/** Reads the fields that are complete; returns how many bytes they took. */
function readFields(buffer: Buffer, entries: ReportEntry[], state: { skippedRows: number }): number {
  const cursor = { buffer, at: 0, end: buffer.length };
  for (;;) {
    const before = cursor.at;
    const tag = readVarint(cursor);
    if (tag === undefined) return before;
    if (tag === 0x0a) {
      const size = readVarint(cursor);
      if (size !== undefined && size > MAX_FIELD_BYTES) throw damaged("a field is too long");
      if (size === undefined || cursor.at + size > cursor.end) return before;
      entries.push(readEntry(buffer, cursor.at, cursor.at + size));
      cursor.at += size;
    } else if (tag === 0x10) {
      const value = readVarint(cursor);
      if (value === undefined) return before;
      state.skippedRows = value;
    } else if (!skipField(cursor, tag)) {
      return before;
    }
  }
}

function readEntry(buffer: Buffer, start: number, end: number): ReportEntry {
  const entry = { timestamp: "", householdId: "", power: 0, efficiency: 0, anomalyDetected: false };
  const cursor = { buffer, at: start, end };
  const whole = <T>(value: T | undefined): T => {
    if (value === undefined) throw damaged("an entry ends in the middle of a field");
    return value;
  };
  const text = (): string => {
    const size = whole(readVarint(cursor));
    const from = cursor.at;
    cursor.at = whole(from + size <= end ? from + size : undefined);
    return buffer.toString("latin1", from, cursor.at);
  };
  const float = (): number => {
    const from = cursor.at;
    cursor.at = whole(from + 4 <= end ? from + 4 : undefined);
    return buffer.readFloatLE(from);
  };
  while (cursor.at < end) {
    const tag = whole(readVarint(cursor));
    if (tag === 0x0a) entry.timestamp = text();
    else if (tag === 0x12) entry.householdId = text();
    else if (tag === 0x1d) entry.power = float();
    else if (tag === 0x25) entry.efficiency = float();
    else if (tag === 0x30) entry.anomalyDetected = whole(readVarint(cursor)) !== 0;
    else whole(skipField(cursor, tag) || undefined);
  }
  return entry;
}

interface Cursor {
  readonly buffer: Buffer;
  at: number;
  readonly end: number;
}

/** Undefined where the bytes end first. Past 2^53 the value is not exact; no field here needs that. */
function readVarint(cursor: Cursor): number | undefined {
  let value = 0;
  let scale = 1;
  for (let i = 0; i < 10; i++) {
    if (cursor.at + i >= cursor.end) return undefined;
    const byte = cursor.buffer[cursor.at + i] ?? 0;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) {
      cursor.at += i + 1;
      return value;
    }
    scale *= 128;
  }
  throw damaged("a number is too long");
}

/** Passes over a field that is not known here; false where the bytes end first. */
function skipField(cursor: Cursor, tag: number): boolean {
  if (tag < 8) throw damaged("a field has the number 0");
  const size = fieldSize(cursor, tag % 8);
  if (size === undefined || cursor.at + size > cursor.end) return false;
  cursor.at += size;
  return true;
}

function fieldSize(cursor: Cursor, wireType: number): number | undefined {
  switch (wireType) {
    case WIRE_VARINT:
      return readVarint(cursor) === undefined ? undefined : 0;
    case WIRE_64_BIT:
      return 8;
    case WIRE_BYTES: {
      const size = readVarint(cursor);
      if (size !== undefined && size > MAX_FIELD_BYTES) throw damaged("a field is too long");
      return size;
    }
    case WIRE_32_BIT:
      return 4;
    default:
      throw damaged(`wire type ${wireType}`);
  }
}
