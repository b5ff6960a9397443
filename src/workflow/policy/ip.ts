// IP addresses as bytes, so that one address has one form however it was written.
import { isIP } from "node:net";

/** 4 or 16 bytes. An IPv4 address that is written as an IPv6 one (`::ffff:1.2.3.4`) is the IPv4 address. */
export type IpBytes = readonly number[];

/** A range of addresses: those that begin with the same bits. */
export interface IpRange {
  readonly bytes: IpBytes;
  readonly bits: number;
}

/** @param text without brackets; a zone (`%eth0`) says only by which interface it is reached */
export function parseIp(text: string): IpBytes | undefined {
  const bare = text.replace(/%.*$/s, "");
  if (isIP(bare) === 4) return bare.split(".").map(Number);
  if (isIP(bare) !== 6) return undefined;
  const bytes = parseIp6(bare);
  return isWithin(bytes, MAPPED) ? bytes.slice(12) : bytes;
}

/** `10.0.0.0/8`, `fd00::/8`; the bits beyond the length do not count. */
export function parseRange(text: string): IpRange | undefined {
  const [net = "", length = ""] = text.split("/", 2);
  if (text !== `${net}/${length}` || !/^\d{1,3}$/.test(length) || net.includes("%")) return undefined;
  const bytes = isIP(net) === 6 ? parseIp6(net) : parseIp(net);
  const bits = Number(length);
  if (bytes === undefined || bits > bytes.length * 8) return undefined;
  if (bytes.length === 16 && bits >= 96 && isWithin(bytes, MAPPED)) return { bytes: bytes.slice(12), bits: bits - 96 };
  return { bytes, bits };
}

export function isWithin(address: IpBytes, { bytes, bits }: IpRange): boolean {
  if (address.length !== bytes.length) return false;
  return bytes.every((byte, index) => {
    const left = Math.min(8, Math.max(0, bits - index * 8));
    return (byte ^ (address[index] ?? 0)) >> (8 - left) === 0;
  });
}

/** @param text an IPv6 address */
function parseIp6(text: string): IpBytes {
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(text);
  const hex = (high: string | undefined, low: string | undefined): string =>
    (Number(high) * 256 + Number(low)).toString(16);
  const plain = dotted === null ? text : `${dotted[1]}${hex(dotted[2], dotted[3])}:${hex(dotted[4], dotted[5])}`;
  const [head = "", tail] = plain.split("::", 2).map((part) => part);
  const groups = (part: string): number[] =>
    part === "" ? [] : part.split(":").map((one) => Number.parseInt(one, 16));
  const [before, after] = [groups(head), groups(tail ?? "")];
  const zeros = tail === undefined ? 0 : 8 - before.length - after.length;
  return [...before, ...new Array<number>(zeros).fill(0), ...after].flatMap((group) => [group >> 8, group & 0xff]);
}

const MAPPED: IpRange = { bytes: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0], bits: 96 };
