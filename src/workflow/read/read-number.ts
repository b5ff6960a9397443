import { err, ok, type Result } from "../../kernel/result.ts";
import { describe, quote } from "../tree/raw.ts";

export const NUMBER_WORDS = { integer: "a whole number", number: "a number" } as const;

const AS_TEXT = "declare it as type: string to keep it as it is written";
const DECIMAL = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*$/;

/**
 * The number that a text is. It is taken exactly as it is written, or not at all: references put it into paths, where
 * `007` and `7` are two files, and a digit that gets lost makes another number of it.
 * @returns or what is wrong with it, for after the name of the param: `must be a number, not the text "x"`
 */
export function readNumber(text: string, type: keyof typeof NUMBER_WORDS): Result<number, string> {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  const written = `is written as ${quote(text)}`;
  if (DECIMAL.test(text) && !Number.isFinite(value)) {
    return err(`${written}, which is beyond ${Number.MAX_VALUE}, the largest number there is; ${AS_TEXT}`);
  }
  if (!Number.isFinite(value) || (type === "integer" && !Number.isInteger(value))) {
    const foreign = /[^\P{Nd}0-9]/u.test(text) ? "; its digits are others than 0 to 9" : "";
    return err(`must be ${NUMBER_WORDS[type]}, not ${describe(text)}${foreign}`);
  }
  if (type === "integer" && !Number.isSafeInteger(value)) {
    const limit = Number.MAX_SAFE_INTEGER;
    return err(`${written}; whole numbers beyond ${limit} are not exact: ${AS_TEXT}`);
  }
  // JSON has no -0 to store.
  const kept = String(value + 0);
  return kept === text ? ok(value) : err(`${written}, which would become ${kept}; write ${kept}, or ${AS_TEXT}`);
}
