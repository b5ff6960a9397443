const PER_LINE = 16;

/** Bytes as people look at them: offset, sixteen bytes, and the same as characters where they are some. */
export function hexLines(bytes: Uint8Array): string {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += PER_LINE) {
    const part = Array.from(bytes.subarray(at, at + PER_LINE));
    const hex = part.map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    const text = part.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".")).join("");
    lines.push(`${at.toString(16).padStart(8, "0")}  ${hex.padEnd(PER_LINE * 3)} ${text}`);
  }
  return lines.join("\n");
}
