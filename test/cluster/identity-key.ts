import { generateKeyPairSync } from "node:crypto";

/** A key with which Restate signs what it asks of workers. */
export interface IdentityKey {
  /** PKCS8: what `request-identity-private-key-pem-file` names. */
  readonly privatePem: string;
  /** As Restate logs it, and workers are given it. */
  readonly publicKey: string;
}

export function createIdentityKey(): IdentityKey {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  // The last 32 bytes of its DER are the key itself.
  const bytes = publicKey.export({ format: "der", type: "spki" }).subarray(-32);
  return {
    privatePem: privateKey.export({ format: "pem", type: "pkcs8" }).toString(),
    publicKey: `publickeyv1_${toBase58(bytes)}`,
  };
}

const DIGITS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/** As Bitcoin writes it: each zero byte at the beginning is a 1. */
function toBase58(bytes: Buffer): string {
  let digits = "";
  for (let rest = BigInt(`0x${bytes.toString("hex")}`); rest > 0n; rest /= 58n) {
    digits = `${DIGITS[Number(rest % 58n)]}${digits}`;
  }
  const zeros = bytes.findIndex((byte) => byte !== 0);
  return `${"1".repeat(zeros === -1 ? bytes.length : zeros)}${digits}`;
}
