const TABLE = createTable();

/**
 * Loading Node's `zlib` costs a process 2 ms, as much as taking the checksum of so many characters here, where it takes
 * 10 to 20 times as long. A process that records one small run never loads it.
 */
let charactersLeft = 65_536;

/**
 * CRC-32 as zlib and PNG have it (RFC 1952, section 8), of a text's UTF-8.
 * @param previous that of the text before, to go on with
 */
export function crc32(text: string, previous = 0): number {
  if (text.length > charactersLeft) return process.getBuiltinModule("node:zlib").crc32(text, previous);
  charactersLeft -= text.length;
  return crc32OfFew(text, previous);
}

/** As `crc32`, without Node's. */
export function crc32OfFew(text: string, previous: number): number {
  const bytes = Buffer.from(text);
  let crc = ~previous;
  for (let at = 0; at < bytes.length; at += 1) crc = (TABLE[(crc ^ (bytes[at] ?? 0)) & 0xff] ?? 0) ^ (crc >>> 8);
  return ~crc >>> 0;
}

function createTable(): Int32Array {
  return Int32Array.from({ length: 256 }, (_, index) => {
    let crc = index;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
    return crc;
  });
}
