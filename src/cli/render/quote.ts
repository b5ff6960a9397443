import { quoteWord } from "../../kernel/quote-word.ts";

/** On Windows paths have backslashes, and no shell there takes them for more. */
const PLAIN = /^[A-Za-z0-9_@%+=:,./\\-]+$/;

/** An argument as one would type it in a shell. */
export function quoteArgument(text: string): string {
  return quoteWord(text, PLAIN);
}
