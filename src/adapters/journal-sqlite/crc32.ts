const TABLE = createTable();

/** From here on Node's own is the quicker one, and worth the 2 ms that loading its `zlib` costs a process. */
const LONG_TEXT = 16_384;

/**
 * CRC-32 as zlib and PNG have it (RFC 1952, section 8), of a text's UTF-8.
 * @param previous that of the text before, to go on with
 */
export function crc32(text: string, previous = 0): number {
  if (text.length >= LONG_TEXT) return process.getBuiltinModule("node:zlib").crc32(text, previous);
  let crc = ~previous;
  for (const byte of Buffer.from(text)) crc = (TABLE[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  return ~crc >>> 0;
}

function createTable(): Int32Array {
  return Int32Array.from({ length: 256 }, (_, index) => {
    let crc = index;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
    return crc;
  });
}
