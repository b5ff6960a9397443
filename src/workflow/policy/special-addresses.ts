// Addresses at which machines are told secrets of their own: never meant by "any address".
import { lazily } from "../../kernel/lazily.ts";
import { type IpBytes, type IpRange, isWithin, parseIp, parseRange } from "./ip.ts";

/**
 * Made where a host has a policy: Node's pattern for IPv6 addresses costs every start 3 ms otherwise.
 *
 * Link-local addresses, and where clouds answer for a machine's own credentials (169.254.169.254 and .170.2 are link-local).
 */
const getSpecial = lazily((): readonly IpRange[] =>
  [
    "169.254.0.0/16",
    "fe80::/10",
    // Amazon, Google, Alibaba, Azure, Oracle.
    "fd00:ec2::/32",
    "fd20:ce::254/128",
    "100.100.100.200/32",
    "168.63.129.16/32",
    "192.0.0.192/32",
  ].map(rangeOf),
);

/** IPv6 addresses in which an IPv4 address stands that a gateway sends to: from which byte. */
const getEmbedding = lazily((): readonly (readonly [IpRange, number])[] => [
  [rangeOf("64:ff9b::/96"), 12],
  [rangeOf("2002::/16"), 2],
  [rangeOf("::/96"), 12],
]);

/** Whether it is link-local or answers for the machine's credentials, also by way of a gateway from IPv6. */
export function isSpecial(address: IpBytes): boolean {
  if (getSpecial().some((range) => isWithin(address, range))) return true;
  return getEmbedding().some(([range, from]) => isWithin(address, range) && isSpecial(address.slice(from, from + 4)));
}

/** Whether a range says itself that it means special addresses: all of it lies among them. */
export function isSpecialRange({ bytes, bits }: IpRange): boolean {
  return (
    getSpecial().some((range) => bits >= range.bits && isWithin(bytes, range)) ||
    (bits === bytes.length * 8 && isSpecial(bytes))
  );
}

function rangeOf(text: string): IpRange {
  const range = parseRange(text);
  if (range === undefined || parseIp(text.split("/")[0] ?? "") === undefined)
    throw new TypeError(`${text} is no range`);
  return range;
}
