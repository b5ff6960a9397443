/**
 * `grpc-message` as it was meant: percent-encoded UTF-8. What is not encoded as it should be stays as it came, as the
 * protocol asks; bytes that are no UTF-8 become U+FFFD.
 */
export function decodePercent(text: string): string {
  if (!text.includes("%")) return decodeHeader(text);
  const raw = Buffer.from(text, "latin1");
  const bytes = Buffer.allocUnsafe(raw.length);
  let length = 0;
  for (let at = 0; at < raw.length; at += 1) {
    const high = raw[at] === PERCENT ? digitOf(raw[at + 1]) : -1;
    const low = high < 0 ? -1 : digitOf(raw[at + 2]);
    if (low < 0) {
      bytes[length] = raw[at] ?? 0;
    } else {
      bytes[length] = high * 16 + low;
      at += 2;
    }
    length += 1;
  }
  return bytes.toString("utf8", 0, length);
}

/** A header's value, which Node reads as latin1, as the UTF-8 that it may have been; bytes that are none become U+FFFD. */
export function decodeHeader(text: string): string {
  return NOT_ASCII.test(text) ? Buffer.from(text, "latin1").toString() : text;
}

const NOT_ASCII = /[^\0-\x7f]/;
const PERCENT = 0x25;

/** The value of a hexadecimal digit, -1 for any other byte. */
function digitOf(byte: number | undefined): number {
  if (byte === undefined) return -1;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x61 + 10 : -1;
}
