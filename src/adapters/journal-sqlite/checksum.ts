/** Where the chain of a run's events begins: at its own id, so that no event can pass as another run's. */
export function chainStart(runId: string): number {
  return crc32(runId);
}

/** The checksum of an event: over the previous one's and its own text. */
export function chain(previous: number, body: string): number {
  return crc32(body, previous);
}

/** The checksum of any other row, over all its values. */
export function rowCrc(values: readonly unknown[]): number {
  return crc32(JSON.stringify(values));
}

/** Like rowCrc, for a row with one long text that need not be copied. */
export function rowCrcWithText(values: readonly unknown[], text: string): number {
  return crc32(text, rowCrc(values));
}

/**
 * CRC-32 as zlib and PNG have it (RFC 1952, section 8), of a text's UTF-8. Loading Node's takes 1 ms, less than the few
 * thousand characters of the smallest run would in code of our own that nothing has compiled yet.
 * @param previous that of the text before, to go on with
 */
function crc32(text: string, previous = 0): number {
  return process.getBuiltinModule("node:zlib").crc32(text, previous);
}
