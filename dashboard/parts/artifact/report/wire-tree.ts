import type { Json } from "../../../../src/kernel/json.ts";
import { type Cursor, createCursor, readTag, readVarint } from "./wire.ts";

/** Messages within messages; no file is deeper. */
const MAX_DEPTH = 32;
/** Of bytes that are neither text nor message. */
const SHOWN_BYTES = 64;

/**
 * A message whose type nobody knows, as far as its encoding tells: fields by their numbers, a list where a field stands
 * more than once, and bytes as a message or a text where they can be one.
 * @returns undefined where the bytes are no message
 */
export function readWireTree(bytes: Uint8Array): Json | undefined {
  return readMessage(bytes, 0);
}

function readMessage(bytes: Uint8Array, depth: number): Json | undefined {
  if (depth > MAX_DEPTH) return undefined;
  const cursor = createCursor(bytes);
  const fields = new Map<number, Json[]>();
  while (cursor.at < cursor.end) {
    const tag = readTag(cursor);
    const value = tag === undefined ? undefined : readValue(cursor, tag.wire, depth);
    if (tag === undefined || value === undefined) return undefined;
    const before = fields.get(tag.field);
    if (before === undefined) fields.set(tag.field, [value]);
    else before.push(value);
  }
  return Object.fromEntries([...fields].map(([field, values]) => [field, one(values)]));
}

const one = (values: readonly Json[]): Json => (values.length === 1 ? (values[0] ?? null) : values);

function readValue(cursor: Cursor, wire: number, depth: number): Json | undefined {
  switch (wire) {
    case 0:
      return readVarint(cursor);
    case 1:
      return readFloat(cursor, 8);
    case 2: {
      const length = readVarint(cursor);
      if (length === undefined || cursor.at + length > cursor.end) return undefined;
      cursor.at += length;
      return readBytes(cursor.bytes.subarray(cursor.at - length, cursor.at), depth);
    }
    case 5:
      return readFloat(cursor, 4);
    default:
      return undefined;
  }
}

/** Whether a number of fixed length is a float or not, nothing says; nearly all are. */
function readFloat(cursor: Cursor, length: 4 | 8): Json | undefined {
  if (cursor.at + length > cursor.end) return undefined;
  const view = new DataView(cursor.bytes.buffer, cursor.bytes.byteOffset + cursor.at, length);
  cursor.at += length;
  const value = length === 4 ? view.getFloat32(0, true) : view.getFloat64(0, true);
  return Number.isFinite(value) ? value : String(value);
}

function readBytes(bytes: Uint8Array, depth: number): Json {
  const text = readText(bytes);
  if (text !== undefined) return text;
  const message = readMessage(bytes, depth + 1);
  if (message !== undefined) return message;
  const hex = Array.from(bytes.subarray(0, SHOWN_BYTES), (byte) => byte.toString(16).padStart(2, "0")).join(" ");
  return `${bytes.length} bytes: ${hex}${bytes.length > SHOWN_BYTES ? " …" : ""}`;
}

/** @returns undefined for what no person would have written */
function readText(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return /^[^\p{Cc}\p{Cn}\p{Co}]*$/u.test(text.replaceAll(/[\t\r\n]/g, "")) ? text : undefined;
  } catch {
    return undefined;
  }
}
