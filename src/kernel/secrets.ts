import { requireFunction } from "./arguments.ts";
import { BusbarError } from "./errors.ts";
import type { Json } from "./json.ts";
import { createPieceMask, type PieceMask } from "./mask-pieces.ts";
import { createPatternMatcher, type PatternMatcher } from "./pattern-matcher.ts";
import { createPublicTexts } from "./public-texts.ts";
import { patternsOf, standsIn } from "./secret-patterns.ts";
import { cleanText } from "./text.ts";

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
  /** Tells of a text that everybody may read, a workflow's definition: single lines of values that stand in it are no secret. */
  expose(text: string): void;
}

/**
 * Secrets that nothing has been read of yet.
 * @param env how to look a variable up; `(name) => process.env[name]` outside tests
 * @throws BusbarError USAGE
 */
export function createSecrets(env: (name: string) => string | undefined): Secrets {
  requireFunction("env", env);
  const values = new Set<string>();
  const publicTexts = createPublicTexts();
  /** Single lines that are hidden. */
  let lines: readonly string[] = [];
  /** Made when something is to be masked: a call reads several values. */
  let matcher: PatternMatcher | undefined;

  function currentMatcher(): PatternMatcher {
    if (matcher !== undefined) return matcher;
    const patterns = [...values].map(patternsOf);
    lines = patterns.flatMap((one) => one.lines).filter((line) => !publicTexts.have(line));
    matcher = createPatternMatcher([...new Set([...patterns.flatMap((one) => one.whole), ...lines])]);
    return matcher;
  }

  return {
    read(name) {
      const value = env(name);
      if (value === undefined || values.has(value)) return value;
      if (typeof value !== "string") throw notText(name, value);
      values.add(value);
      matcher = undefined;
      return value;
    },
    mask(text) {
      if (values.size === 0) return text;
      const pieces = createPieceMask(currentMatcher);
      return pieces.push(text) + pieces.end();
    },
    maskPieces: () => createPieceMask(currentMatcher),
    expose(text) {
      if (publicTexts.add(text) && lines.some((line) => standsIn(text, line))) matcher = undefined;
    },
  };
}

/** Without the value, which may be a secret all the same. */
function notText(name: string, value: unknown): BusbarError {
  const got = value === null ? "null" : `a ${typeof value}`;
  return new BusbarError("USAGE", `env must give a text or undefined for the variable ${name}, not ${got}`, {
    details: { argument: "env", variable: name },
  });
}

/**
 * A text from outside, safe to record and print. Masked before it is cut, so that no half of a secret survives at the
 * end, and after, where escaping made one.
 */
export function cleanForeign(text: string, secrets: Pick<Secrets, "mask">, maxBytes?: number): string {
  return secrets.mask(cleanText(secrets.mask(text), maxBytes));
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
