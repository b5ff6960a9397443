import { requireFunction } from "./arguments.ts";
import type { Json } from "./json.ts";
import { createPieceMask, type PieceMask } from "./mask-pieces.ts";

/** Values shorter than this are not masked: they would tear ordinary words apart. */
const MIN_MASKED_LENGTH = 6;

/**
 * Reads secrets from the environment and hides them again in every text that
 * leaves the process (semantics.md, "Secrets").
 */
export interface Secrets {
  /** The value now, or undefined. A value that was read is masked from then on. */
  read(name: string): string | undefined;
  /** The text with every value read so far replaced by `***`. */
  mask(text: string): string;
  /** For a text that comes in pieces, between which a value may be cut. */
  maskPieces(): PieceMask;
}

/**
 * Secrets that nothing has been read of yet.
 * @param env how to look a variable up; `(name) => process.env[name]` outside tests
 * @throws BusbarError USAGE
 */
export function createSecrets(env: (name: string) => string | undefined): Secrets {
  requireFunction("env", env);
  const values = new Set<string>();
  let longestFirst: readonly string[] = [];
  return {
    read(name) {
      const value = env(name);
      if (value !== undefined && value.length >= MIN_MASKED_LENGTH && !values.has(value)) {
        values.add(value);
        // A terminal ends lines by CR LF.
        if (value.includes("\n")) values.add(value.replaceAll(/\r?\n/g, "\r\n"));
        longestFirst = [...values].sort((a, b) => b.length - a.length);
      }
      return value;
    },
    mask(text) {
      let masked = text;
      for (const value of longestFirst) if (masked.includes(value)) masked = masked.replaceAll(value, "***");
      return masked;
    },
    maskPieces: () => createPieceMask(() => longestFirst),
  };
}

/** The value with every text in it masked. Text by text: a secret may read otherwise in JSON (`\"`), and may look like JSON itself (a number). */
export function maskJson(value: Json, secrets: Pick<Secrets, "mask">): Json {
  // Hardly any value holds a secret, and one that holds none need not be copied.
  return holdsSecret(value, secrets) ? maskedJson(value, secrets) : value;
}

function holdsSecret(value: Json, secrets: Pick<Secrets, "mask">): boolean {
  if (typeof value === "string") return secrets.mask(value) !== value;
  if (typeof value !== "object" || value === null) return false;
  if (Array.isArray(value)) return value.some((item: Json) => holdsSecret(item, secrets));
  return Object.entries(value).some(([key, item]) => secrets.mask(key) !== key || holdsSecret(item, secrets));
}

function maskedJson(value: Json, secrets: Pick<Secrets, "mask">): Json {
  if (typeof value === "string") return secrets.mask(value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item: Json) => maskedJson(item, secrets));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [secrets.mask(key), maskedJson(item, secrets)]));
}
