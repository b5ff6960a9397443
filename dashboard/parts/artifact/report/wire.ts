// The encoding of protocol buffers, without knowing the message (protobuf.dev/programming-guides/encoding).

export interface Cursor {
  readonly bytes: Uint8Array;
  at: number;
  readonly end: number;
}

export function createCursor(bytes: Uint8Array): Cursor {
  return { bytes, at: 0, end: bytes.length };
}

export interface Tag {
  readonly field: number;
  readonly wire: number;
}

/** @returns undefined for what is no tag, or where the bytes end */
export function readTag(cursor: Cursor): Tag | undefined {
  const tag = readVarint(cursor);
  if (tag === undefined || tag > 0xffff_ffff) return undefined;
  const [field, wire] = [Math.floor(tag / 8), tag % 8];
  return field === 0 ? undefined : { field, wire };
}

/** Beyond 2^53 it is not exact. @returns undefined where the bytes end, or it does not end itself */
export function readVarint(cursor: Cursor): number | undefined {
  let value = 0;
  let factor = 1;
  for (let index = 0; index < 10 && cursor.at < cursor.end; index += 1) {
    const byte = cursor.bytes[cursor.at] ?? 0;
    cursor.at += 1;
    value += (byte & 0x7f) * factor;
    if (byte < 0x80) return value;
    factor *= 128;
  }
  return undefined;
}
